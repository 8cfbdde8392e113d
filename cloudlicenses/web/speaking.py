"""What stories say in English, said in the language of whoever reads the page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from cloudlicenses.kit.refusals import Said


def in_readers_words(text: str, instead: Any = "") -> str:
    """The sentence translated, its numbers and days as the language writes them; one that nobody translated stays as it is.

    `instead` is another sentence (lazily translated) about the same, for people, where `text` tells programs of names of theirs.
    """
    about = {name: in_readers_way(value) for name, value in text.about.items()} if isinstance(text, Said) else {}
    sentence = str(instead) or gettext(text.template if isinstance(text, Said) else text)
    return sentence % about if about else sentence


def in_readers_way(value: object) -> object:
    """A day or a number as the reader's language writes it; anything else as it is."""
    if isinstance(value, date):
        return date_format(value, gettext("j M Y"))
    return number_format(value, force_grouping=True) if isinstance(value, int | Decimal) else value
