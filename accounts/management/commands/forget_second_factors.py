from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts import queries, second_factors, sessions
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import inside, platform


class Command(OperatorCommand):
    help = (
        "Remove the app, passkeys and recovery codes of somebody who has lost them; their password lets them in again."
    )

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--tenant", default="", help="of a tenant's person; without it, of an operator or a vendor's staff"
        )

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        with inside(options["tenant"]) if options["tenant"] else platform():
            user = queries.person_with(options["email"])
            second_factors.forget_all(user, actor=actor)
            ended = sessions.end_all(user, actor=actor)
        return {"email": user.email, "role": user.role, "sessions_ended": ended}
