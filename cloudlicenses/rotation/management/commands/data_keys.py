from __future__ import annotations

from typing import Any

from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.rotation import overview
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import platform


class Command(OperatorCommand):
    """`manage.py data_keys`: which there are, how old, in which version, wrapped by which master key."""

    help = "How data keys and master keys stand."

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        with platform():
            masters = overview.of_masters()
            standings = overview.standings(list(overview.keys_in_use().order_by("owner")))
        rows = [
            {
                "owner": key.owner, "version": key.version, "created_at": rfc3339(key.created_at),
                "master_key": key.wrapped_by, "state": key.state, "to_reseal": key.to_reseal, "resealed": key.resealed,
            }
            for key in standings
        ]  # fmt: skip
        return {
            "master_keys": masters.known, "lacking_master_keys": masters.lacking, "wrapped_by_former": masters.by_former,
            "data_keys": rows if options["json"] else [f"{row['owner']} v{row['version']} {row['state']}" for row in rows],
        }  # fmt: skip
