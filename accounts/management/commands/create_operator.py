from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts import invitations
from accounts.models import Role
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Invite an operator of the platform. The link goes out by e-mail too; run it again for a new one."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        invitation = invitations.invite(email=options["email"], name=options["name"], role=Role.OPERATOR, actor=actor)
        return {
            "email": invitation.user.email,
            "role": Role.OPERATOR.value,
            "invitation_url": invitations.link_of(invitation),
        }
