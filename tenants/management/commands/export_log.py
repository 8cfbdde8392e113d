from __future__ import annotations

from argparse import ArgumentParser
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

from audit import events, evidence, sealing
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import inside
from tenants.queries import tenant


class Command(OperatorCommand):
    help = "Write a sealed log to a file that `cloudlicenses audit verify` checks: the platform's, a vendor's or a tenant's."

    def take(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", default="", help="a tenant's log, instead of the platform's")
        whose.add_argument("--vendor", default="", help="a vendor's log, instead of the platform's")
        parser.add_argument("--output", type=Path, required=True, help="a file that is not there yet")

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        """Who takes a log away is recorded in the platform's."""
        tenant_id = tenant(options["tenant"]).pk if options["tenant"] else ""
        log = sealing.PLATFORM_LOG
        if tenant_id or options["vendor"]:
            log = sealing.log_of_tenant(tenant_id) if tenant_id else sealing.log_of_vendor(options["vendor"])
        count = 0
        with inside(tenant_id) if tenant_id else nullcontext():
            batches = evidence.lines(log)
            opening = next(batches)  # what is refused is refused before there is a file
            with options["output"].open("xb") as file:
                for batch in chain([opening], batches):
                    file.write(evidence.as_text(batch))
                    count += sum(1 for line in batch if line["type"] == "leaf")
        events.record("log.exported", actor=actor, subject=("log", log), entries=count)
        return {"log": log, "entries": count, "file": str(options["output"])}
