"""`manage.py openapi`: write the OpenAPI documents into docs/openapi; `--check` fails when they differ from the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cloudlicenses.openapi.catalog import OPERATIONS
from cloudlicenses.openapi.document import document


class Command(BaseCommand):
    help = "Write docs/openapi/{apex,vendors,tenant}.json; with --check, only compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail on a difference.")

    def handle(self, *args: Any, **options: Any) -> None:
        directory = settings.BASE_DIR / "docs" / "openapi"
        texts = {directory / f"{kind}.json": _text(kind) for kind in OPERATIONS}
        if options["check"]:
            return self._compare(texts)
        directory.mkdir(exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
        return None

    def _compare(self, texts: dict[Path, str]) -> None:
        stale = [path.name for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
        if stale:
            raise CommandError(f"docs/openapi/{', '.join(stale)}: not what the code says. Run `manage.py openapi`.")


def _text(kind: str) -> str:
    return json.dumps(document(kind), indent=2, ensure_ascii=False) + "\n"
