"""What a test leaves behind for others is seen: tests/conftest.py looks after each."""

from __future__ import annotations

import logging

import pytest
from django.urls import set_urlconf

import licensing.seats
from tests import leftovers


def test_a_name_that_stands_for_something_else_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = leftovers.standing()
    monkeypatch.setattr(licensing.seats, "MOST_TOGETHER", 3)
    assert leftovers.changes(before) == ["licensing.seats.MOST_TOGETHER: 64 became 3"]


def test_so_are_the_environment_the_addresses_and_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    before = leftovers.standing()
    monkeypatch.setenv("LEFT_BEHIND", "1")
    monkeypatch.setattr(logging.getLogger("django"), "disabled", True)
    set_urlconf("cloudlicenses.urls.tenant")
    try:
        assert {change.partition(":")[0] for change in leftovers.changes(before)} == {
            "environment", "addresses", "logger django",
        }  # fmt: skip
    finally:
        set_urlconf(None)


def test_nothing_is_seen_where_nothing_changed() -> None:
    assert leftovers.changes(leftovers.standing()) == []
