"""German is complete, and what is compiled is what was written: read with the standard library alone."""

from __future__ import annotations

import gettext
import re

import pytest
from django.conf import settings

from tests.web.messages import MESSAGES, Entry, written

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
SAID = re.compile(r"""\{%-?\s*(?:trans|translate)\s+"([^"]+)"|_\("([^"]+)"\)""")


def compiled() -> dict[object, str]:
    with (MESSAGES / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # the only way to see all of it


def test_the_compiled_file_holds_exactly_what_was_written():
    expected: dict[object, str] = {}
    for source, translations in written():
        if "\0" in source:
            expected |= {(source.partition("\0")[0], n): text for n, text in enumerate(translations)}
        else:
            expected[source] = translations[0]
    held = compiled()
    held.pop("")
    assert held == expected


def test_nothing_is_empty_or_merely_guessed():
    assert "fuzzy" not in (MESSAGES / "django.po").read_text()
    assert [source for source, translations in written() if not all(translations)] == []
    assert len(list(written())) > 1000


@pytest.mark.parametrize("entry", [entry for entry in written() if PLACEHOLDER.search(entry[0])], ids=lambda it: it[0])
def test_placeholders_agree(entry: Entry):
    source, translations = entry
    wanted = [set(PLACEHOLDER.findall(text)) for text in source.split("\0")]
    assert [set(PLACEHOLDER.findall(text)) for text in translations] == wanted


def test_whatever_templates_say_is_translated():
    """A new string without its German fails here."""
    known = {text for source, _translations in written() for text in source.split("\0")}
    roots = {path.parent for path in settings.BASE_DIR.glob("*/apps.py")} | {settings.BASE_DIR / "templates"}
    files = [path for root in roots for kind in ("html", "txt") for path in root.rglob(f"*.{kind}")]
    found = {first or second for path in files for first, second in SAID.findall(path.read_text())}
    assert len(found) > 300
    assert found - known == set()
