from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from cloudlicenses.kit.actor import Actor
from cloudlicenses.rotation import resealing, rotating
from cloudlicenses.web.commands import OperatorCommand
from tenants.context import platform


class Command(OperatorCommand):
    """`manage.py rotate_data_key tenant:mercedes vendor:vector-de platform`, or `--older-than DAYS`."""

    help = "Give owners their next data key, and seal again with it all that the former one has sealed."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("owners", nargs="*", metavar="owner", help="platform, tenant:ID or vendor:ID")
        parser.add_argument(
            "--older-than", type=int, metavar="DAYS", help="everybody whose key is that old; 0: everybody"
        )

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        say = (lambda line: None) if options["json"] else self.stdout.write
        with platform():
            owners = self._owners(options)
            for owner in owners:
                rotating.begin(owner, actor=actor)
            return {"rotated": owners, "resealed": sum(resealing.reseal(owner, say) for owner in owners)}

    def _owners(self, options: dict[str, Any]) -> list[str]:
        if options["older_than"] is None:
            if not options["owners"]:
                raise CommandError("Say whose: platform, tenant:ID, vendor:ID, or --older-than DAYS.")
            return list(options["owners"])
        return rotating.owners_with_old_keys(timedelta(days=options["older_than"]))
