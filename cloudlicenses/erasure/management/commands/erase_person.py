from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from cloudlicenses.erasure import asking, carrying_out
from cloudlicenses.erasure.asking import Whose
from cloudlicenses.erasure.models import Erasure
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import platform
from tenants.queries import tenant


class Command(OperatorCommand):
    """`manage.py erase_person --tenant mercedes --email ben@mercedes-benz.com --also bthe`."""

    help = "Forget a person for good, wherever a tenant's, a vendor's or the platform's own data names them. Proofs stay good."

    def take(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", default="", help="at a tenant, instead of among the platform's own people")
        whose.add_argument("--vendor", default="", help="at a vendor, likewise")
        parser.add_argument("--email", required=True, help="the person's address; they must have been deactivated")
        parser.add_argument(
            "--also", action="append", default=[], metavar="VALUE",
            help="another value that means them, whole: their name, the user name of their workstation, its host name",
        )  # fmt: skip

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        tenant_id = tenant(options["tenant"]).pk if options["tenant"] else ""
        names = [options["email"], *options["also"]]
        asked = asking.ask(names, Whose(tenant_id, options["vendor"]), actor=actor, may_name_anything=True)
        with platform():
            carrying_out.carry_out(asked.pk)
            now = Erasure.objects.get(pk=asked.pk)
        facts = {"erasure": now.pk, "entries": now.entries, "rows": now.rows, "changed": now.changed}
        return facts | {"done": now.done_at is not None}
