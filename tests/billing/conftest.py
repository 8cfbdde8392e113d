"""Time that stands where a test puts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cloudlicenses.kit import clock

SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return put


@pytest.fixture
def in_november(set_clock: SetClock) -> None:
    """The story's month: 20 November 2025."""
    set_clock(datetime(2025, 11, 20, 12, tzinfo=UTC))
