"""What a process remembers of nonces by itself: each for as long as its signature could be believed, and no more than so many."""

from __future__ import annotations

import pytest

from applications import nonces
from applications.nonces import KEPT_SECONDS, Nonces
from cloudlicenses.kit import signatures


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands until it is moved."""
    now = [1_000.0]
    monkeypatch.setattr("applications.nonces.time.monotonic", lambda: now[0])
    return now


def test_a_nonce_passes_once(moment: list[float]) -> None:
    remembered = Nonces()
    assert [remembered.is_new(name) for name in ("one", "other", "one")] == [True, True, False]


def test_it_is_remembered_for_as_long_as_its_signature_can_be_believed(moment: list[float]) -> None:
    """Made by a clock that is a minute ahead, it is believed for two minutes, whenever in the life of a generation it comes."""
    for since in (0.0, KEPT_SECONDS / 2, KEPT_SECONDS - 1, KEPT_SECONDS + 1):
        remembered, began = Nonces(), moment[0]
        moment[0] = began + since
        assert remembered.is_new("one")
        for later in range(0, 2 * signatures.WINDOW_SECONDS + 1, 10):
            moment[0] = began + since + later
            assert remembered.is_new(f"another at {later}")
            assert not remembered.is_new("one"), f"forgotten {later} s after it came"


def test_what_nobody_can_use_any_more_is_forgotten(moment: list[float]) -> None:
    remembered = Nonces()
    assert remembered.is_new("one")
    for _ in range(2):
        moment[0] += KEPT_SECONDS + 1
        assert remembered.is_new(f"another at {moment[0]}")
    assert remembered.is_new("one")


def test_a_flood_of_them_has_a_bound_and_the_latest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonces, "MOST_KEPT", 3)
    remembered = Nonces()
    for number in range(100):
        assert remembered.is_new(str(number))
        assert len(remembered._young) + len(remembered._old) <= 6
    assert not any(remembered.is_new(str(number)) for number in (97, 98, 99))
