"""What an entry says beyond who, what and when, for people: each fact with a label, in the reader's words, numbers and money.

Facts are kept as programs read them, and what an old release recorded is never rewritten: a name or a value without a word
(fact_words.py) is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from audit import wording
from audit.fact_words import CHANGED_BY, LABELS, VALUES
from cloudlicenses.web.states import state_of
from cloudlicenses.web.templatetags.pages import money, number, when

MONEY = {"commit_fee_monthly", "cost", "monthly_budget", "overage_per_use"}
NESTED = {"caps", "changes", "thresholds"}
LISTS_OF_NAMES = {"changed", "changes"}  # of what was changed
STATES = {"least_severity", "lease_type", "severity", "state", "status"}
CODES = {"digest", "invitation", "invoices", "key", "kids", "of", "serial_number", "thumbprint"}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Fact:
    """`name` is what programs call it. `is_code`: to be compared or copied letter by letter."""

    name: str
    label: str
    text: str
    is_code: bool = False


def told(event: str, facts: Mapping[str, Any], people: Mapping[str, str]) -> list[Fact]:
    """All of them: what became of what first, the rest by label. `people`: the e-mail addresses of users, by number."""
    tell = _Teller(str(facts.get("currency") or ""), people)
    left = {name: value for name, value in facts.items() if name != "currency" or not MONEY & facts.keys()}
    changes: list[Fact] = []
    if {"before", "after"} <= left.keys():
        changes = list(_changes(CHANGED_BY.get(event, "changed"), left.pop("before"), left.pop("after"), tell))
    rest = [_fact(name, value, tell) for name, value in _flat(left)]
    return changes + sorted(rest, key=lambda fact: fact.label.casefold())


def _changes(name: str, before: Any, after: Any, tell: _Teller) -> Iterator[Fact]:
    """One line for each thing that is another now."""
    pairs = {name: (before, after)}
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = {each: (before.get(each), after.get(each)) for each in {**before, **after}}
    for each, (former, present) in pairs.items():
        if former != present:
            yield Fact(each, _label(each), format_html("{} → {}", tell(each, former), tell(each, present)))


def _flat(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if name in NESTED and isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _fact(name: str, value: Any, tell: _Teller) -> Fact:
    return Fact(name, _label(name), tell(name, value), name in CODES or name.endswith("_id"))


def _label(name: str) -> str:
    return str(LABELS.get(name) or name.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class _Teller:
    """A value in words. What is not of the shape that its name promises is said as it is."""

    currency: str
    people: Mapping[str, str]

    def __call__(self, name: str, value: Any) -> str:
        if value is None or value in ("", [], {}):
            return NOTHING
        if isinstance(value, list):
            return format_html_join(", ", "{}", ((self._of_list(name, each),) for each in value))
        if isinstance(value, dict):
            return format_html_join(
                ", ", "{}: {}", ((_label(each), self(each, below)) for each, below in value.items())
            )
        with suppress(ArithmeticError, ValueError):
            return self._by_name(name, value)
        return str(value)

    def _of_list(self, name: str, value: Any) -> str:
        return _label(str(value)) if name in LISTS_OF_NAMES else self(name, value)

    def _by_name(self, name: str, value: Any) -> str:
        text = str(value)
        if name in MONEY:
            return money(Decimal(text), self.currency).strip()
        if read := READ.get(name):
            return read(text)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if name == "user" and isinstance(value, int):
            return self.people.get(text, text)
        if isinstance(value, int) or (name in NUMBERS and text.isdigit()):
            return number(int(text))
        return str(VALUES.get(name, {}).get(text, text))


NUMBERS = {"max_in_use", "max_overage"}  # of caps, which are kept as text
READ: Mapping[str, Callable[[str], str]] = {
    "end_date": lambda text: when(date.fromisoformat(text)),
    "ends_at": lambda text: when(datetime.fromisoformat(text)),
    "quiet_from": lambda text: f"{time.fromisoformat(text):%H:%M}",
    "quiet_until": lambda text: f"{time.fromisoformat(text):%H:%M}",
    "revision": str,
    "subject_kind": wording.subject,
    **dict.fromkeys(STATES, lambda text: str(state_of(text).word)),
}
