"""`manage.py demo_traffic`: let simulated workstations work, so that the dashboards live."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cloudlicenses.demo import traffic


class Command(BaseCommand):
    help = "Simulated workstations check licenses out and return them at the running server, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workstations", type=int, default=12)
        parser.add_argument("--seconds", type=float, default=0, help="0: until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        with suppress(KeyboardInterrupt):
            traffic.run(options["workstations"], options["seconds"], self.stdout.write)
