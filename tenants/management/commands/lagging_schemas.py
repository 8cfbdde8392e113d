from __future__ import annotations

from typing import Any

from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants import deploying
from tenants.ownership import owner_connection


class Command(OperatorCommand):
    help = "List the tenants' schemas that have not had every migration of this code."

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        with owner_connection() as owner:
            lagging = deploying.lagging_schemas(owner)
        return {"count": len(lagging), "schemas": lagging}
