from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants import export, lifecycle, queries
from tenants.models import Tenant


class Command(OperatorCommand):
    """`manage.py tenant suspend|resume|export|delete mercedes`."""

    help = "Suspend, resume, export or delete a tenant."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["suspend", "resume", "export", "delete"])
        parser.add_argument("tenant_id")
        parser.add_argument("--output", type=Path, help="where the export goes; a file that isn't there yet")
        parser.add_argument("--yes", action="store_true", help="needed to delete")

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        tenant_id = options["tenant_id"]
        if options["what"] == "suspend":
            return {"tenant_id": tenant_id, "status": lifecycle.suspend(tenant_id, actor=actor).status}
        if options["what"] == "resume":
            return {"tenant_id": tenant_id, "status": lifecycle.resume(tenant_id, actor=actor).status}
        path = options["output"] or Path(f"{tenant_id}-{clock.now():%Y%m%dT%H%M%SZ}.zip")
        if options["what"] == "export":
            return self._export(tenant_id, path, actor)
        if not options["yes"]:
            raise CommandError(f"This deletes all that {tenant_id} has, for good. Say so with --yes.")
        return self._delete(tenant_id, path, actor)

    def _export(self, tenant_id: str, path: Path, actor: Actor) -> dict[str, Any]:
        try:
            rows = export.export(tenant_id, path, actor=actor)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror}") from None
        return {"tenant_id": tenant_id, "file": str(path), "rows": sum(rows.values())}

    def _delete(self, tenant_id: str, path: Path, actor: Actor) -> dict[str, Any]:
        is_first_try = queries.tenant(tenant_id).status != Tenant.Status.DELETED
        exported = self._export(tenant_id, path, actor) if is_first_try else {"tenant_id": tenant_id}
        lifecycle.delete(tenant_id, actor=actor)
        return {**exported, "status": "deleted"}
