from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from cloudlicenses.kit.actor import Actor
from cloudlicenses.rotation import signing
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import platform


class Command(OperatorCommand):
    """`manage.py rotate_signing_key vendor:vector-de tenant:mercedes log:tenant/mercedes log:platform bill:vector-de`."""

    help = "Give vendors, tenants, audit logs and bills their next signing keys; what the former ones have signed stays good."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "owners",
            nargs="+",
            metavar="owner",
            help="tenant:ID, vendor:ID, log:tenant/ID, log:vendor/ID, log:platform or bill:VENDOR",
        )

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        with platform():
            return {owner: signing.rotate(owner, actor=actor) for owner in options["owners"]}
