"""Whatever is recorded has a name that people read, in both languages, and so has each refusal that it may bear."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.utils import translation

import accounts.refusals
import applications.refusals
import keys.refusals
from audit import wording
from cloudlicenses.kit.refusals import Kind, Refusal
from cloudlicenses.web.states import STATES
from tests.audit.sources import nodes

TURNED_AWAY = {Kind.FORBIDDEN, Kind.UNKNOWN_CALLER, Kind.RATE_LIMITED}
MADE_UP = {
    f"{kind}.{deed}" for kind in ("totp", "passkey") for deed in ("added", "removed")
}  # put together in the code
SENT = {"alert.test"}
TASKS = {"alerts.name_the_unnamed"}
DEED = re.compile(r"[a-z_]+\.([a-z_]*ed|[a-z]*ed_(in|out)|password_reset|made|taken_back|forgotten|unknown|withdrawn)")


def _said() -> Iterator[str]:
    """Every text in the apps that could be an event's name."""
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DEED.fullmatch(node.value):
            yield node.value


def test_every_event_has_words() -> None:
    said = set(_said())
    assert len(said) > 90
    assert said - set(wording.EVENTS) == TASKS
    assert set(wording.EVENTS) - said <= MADE_UP | SENT


def test_words_are_german_for_a_german() -> None:
    with translation.override("de"):
        assert wording.event("key.refused") == "Schlüssel abgewiesen"
        assert wording.subject("certificate_authority") == "Zertifizierungsstelle"
        assert wording.actor("user") == "Person"


def test_what_has_no_words_is_shown_as_it_is() -> None:
    assert wording.event("moon.landed_on") == "moon landed on"


@pytest.mark.parametrize("of", [accounts.refusals, applications.refusals, keys.refusals])
def test_each_refusal_of_a_caller_has_words(of: ModuleType) -> None:
    """Those that stand before every call, which a log bears again and again."""
    found = [kind for kind in vars(of).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    codes = {kind.code for kind in found if vars(kind).get("kind") in TURNED_AWAY}
    assert codes
    assert codes - set(STATES) == set()
