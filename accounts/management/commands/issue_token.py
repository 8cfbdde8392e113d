from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from accounts import queries, tokens
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants import queries as tenant_queries
from tenants.context import inside
from tenants.refusals import TenantNotReady


class Command(OperatorCommand):
    help = "Issue a personal token of an existing user of a tenant; it is shown once."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="issued by an operator")
        parser.add_argument("--days", type=int, help="how long it works; for ever when left out")

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        tenant = tenant_queries.tenant(options["tenant"])
        if not tenant.is_provisioned:
            raise TenantNotReady(f"The tenant is {tenant.status}.")
        expires_at = clock.now() + timedelta(days=options["days"]) if options["days"] is not None else None
        with inside(tenant.pk):
            user = queries.person_with(options["email"])
            token, text = tokens.issue(user, options["name"], actor=actor, expires_at=expires_at)
        return {"token": text, "token_id": token.id, "tenant_id": tenant.pk, "email": user.email, "role": user.role}
