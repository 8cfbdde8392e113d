"""What was written into the German catalogue, read from its source by the standard library alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.conf import settings

MESSAGES = settings.BASE_DIR / "locale/de/LC_MESSAGES"
Entry = tuple[str, list[str]]


def written() -> Iterator[Entry]:
    """Each message of the .po with its plural's source, if any, joined as the .mo joins them; and its translations."""
    for block in (MESSAGES / "django.po").read_text().split("\n\n")[1:]:
        lines = [line.partition(" ") for line in block.splitlines() if line.startswith("msg")]
        said = [(word, ast.literal_eval(text)) for word, _space, text in lines]
        yield (
            "\0".join(text for word, text in said if word.startswith("msgid")),
            [text for word, text in said if word.startswith("msgstr")],
        )
