from __future__ import annotations

from typing import Any

from accounts.roles import RIGHTS
from cloudlicenses.access.addresses import FOR_ANYONE, NOT_FOR_PEOPLE, Address, addresses
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Every address of the three hosts, with the right it needs and the roles that have it."

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {f"{method} {address}": _who(address, method) for address in addresses() for method in address.rights}


def _who(address: Address, method: str) -> list[str]:
    right = address.rights[method]
    if right == FOR_ANYONE:
        return ["anyone"]
    if right is NOT_FOR_PEOPLE:
        return ["keys only"]
    return [role for role, rights in RIGHTS.items() if right in rights]
