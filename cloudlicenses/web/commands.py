"""What operator commands share: `--json`, refusals as one line and exit code 1, and who the audit log says it was."""

from __future__ import annotations

import getpass
import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.patience import allow_long_statements
from cloudlicenses.kit.refusals import Refusal


class OperatorCommand(BaseCommand, ABC):
    """A command says what it takes (`take`) and does its work (`act`), which answers with the facts to print."""

    def run_from_argv(self, argv: list[str]) -> None:
        """As a process of its own."""
        allow_long_statements()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        self.take(parser)

    def take(self, parser: ArgumentParser) -> None:
        """Its own arguments."""

    @abstractmethod
    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        """Its work; raises refusals."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = self.act(options, operator())
        except Refusal as refusal:
            raise CommandError(_in_one_line(refusal)) from None
        self.stdout.write(json.dumps(facts) if options["json"] else _for_people(facts))


def operator() -> Actor:
    """Whoever may run commands on this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        name = "unknown"
    return Actor(kind="operator", id=name, label=f"{name} at the command line")


def _in_one_line(refusal: Refusal) -> str:
    return " ".join(
        [f"{refusal.code}: {refusal.detail}", *(f"{error.field}: {error.message}" for error in refusal.errors)]
    )


def _for_people(facts: dict[str, Any]) -> str:
    return "\n".join(
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in facts.items()
    )
