"""`manage.py rotate_master_key`: after a new key was put in front in MASTER_KEY, wrap every data key with it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cloudlicenses.kit.actor import Actor
from cloudlicenses.rotation import masters


class Command(BaseCommand):
    help = "Wrap with the newest master key (the first in MASTER_KEY) the data keys that former ones have wrapped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        operator = Actor(kind="operator", id="manage.py", label="manage.py rotate_master_key")
        total = masters.rewrap(operator, (lambda line: None) if options["json"] else self.stdout.write)
        self.stdout.write(json.dumps({"rewrapped": total}) if options["json"] else f"Data keys wrapped again: {total}")
