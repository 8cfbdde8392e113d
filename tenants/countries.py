"""Countries by their names, in the reader's language and order: what CLDR calls them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language, to_locale

from tenants.plans import COUNTRIES


def named_countries() -> list[tuple[str, str]]:
    """Code and name of each country a tenant may be of, sorted as the names of the present language are."""
    return list(_named(to_locale(get_language() or "en")))


@lru_cache(maxsize=8)
def _named(locale: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(locale).territories
    return tuple(sorted(((code, names.get(code, code)) for code in COUNTRIES), key=lambda each: _place(each[1])))


def _place(name: str) -> str:
    """Where a reader looks for it: Ägypten under A."""
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each)).casefold()
