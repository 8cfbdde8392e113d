from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from accounts import erasing
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants.queries import tenant


class Command(OperatorCommand):
    help = "Erase who somebody was from a sealed log, for good: the platform's, a vendor's or a tenant's. Its proofs stay good."

    def take(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", default="", help="a tenant's log, instead of the platform's")
        whose.add_argument("--vendor", default="", help="a vendor's log, instead of the platform's")
        parser.add_argument("--email", required=True, help="the person's address; they must have been deactivated")
        parser.add_argument(
            "--also", action="append", default=[], metavar="VALUE",
            help="another value that means them, whole: their name, the user name of their workstation",
        )  # fmt: skip

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        tenant_id = tenant(options["tenant"]).pk if options["tenant"] else ""
        erased = erasing.erase(
            options["email"], also=options["also"], tenant_id=tenant_id, vendor_id=options["vendor"], actor=actor
        )
        return asdict(erased)
