from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from cloudlicenses.kit.actor import Actor
from cloudlicenses.rotation import masters
from cloudlicenses.sealing import master
from cloudlicenses.web.commands import OperatorCommand


class Command(OperatorCommand):
    """`manage.py rotate_master_key`: after a new key was put in front in MASTER_KEY, wrap every data key with it."""

    help = "Wrap with the newest master key (the first in MASTER_KEY) the data keys that former ones have wrapped."

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        say = (lambda line: None) if options["json"] else self.stdout.write
        try:
            return {"master_key": master.newest(), "rewrapped": masters.rewrap(actor, say)}
        except master.MasterKeyMissing as missing:
            raise CommandError(str(missing)) from None
