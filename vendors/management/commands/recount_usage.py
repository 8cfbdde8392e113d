"""`manage.py recount_usage [--since 2026-10-05]`: make the sums that vendors' charts read anew, from the hours of each license."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cloudlicenses.kit.patience import allow_long_statements
from vendors import summing

EVER = date(2000, 1, 1)


class Command(BaseCommand):
    help = "Sum up vendors' usage anew from the hours of each license: all of it, or from the week of a day on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=date.fromisoformat, default=EVER, help="a day as 2026-10-05; its whole week counts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        allow_long_statements()
        summing.recount(datetime.combine(options["since"], time.min, UTC))
        self.stdout.write("Summed up.")
