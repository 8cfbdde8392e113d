"""`manage.py recount_usage [--since 2026-10-05]`: make the sums that vendors' charts read anew, from the hours of each license."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from vendors import summing

EVER = date(2000, 1, 1)


class Command(OperatorCommand):
    help = "Sum up vendors' usage anew from the hours of each license: all of it, or from the week of a day on."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=date.fromisoformat, default=EVER, help="a day as 2026-10-05; its whole week counts"
        )

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        summing.recount(datetime.combine(options["since"], time.min, UTC))
        return {"summed up from": options["since"].isoformat()}
