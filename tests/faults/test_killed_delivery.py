"""The worker that tells listeners is killed at any line: each is told all the same, and what a listener wrote is written once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from audit import delivery, events
from audit.delivery import Event
from audit.models import AuditEntry
from audit.outbox.models import Delivered, OutboxEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import inside
from tests.killing import die, worker_that_is_killed


def write(event: Event) -> None:
    """A listener that does its work in the database, as most do."""
    with inside(event.tenant_id):
        AuditEntry.objects.create(event="heard.first", actor_kind="system", subject_id=event.id)


def write_too(event: Event) -> None:
    with inside(event.tenant_id):
        AuditEntry.objects.create(event="heard.second", actor_kind="system", subject_id=event.id)


def write_and_die(event: Event) -> None:
    write_too(event)
    die()


def deliver(*listeners: Callable[[Event], object]) -> int:
    return delivery.deliver_due({"key.issued": listeners}, inside=inside)


def heard() -> list[str]:
    with inside("mercedes"):
        found = AuditEntry.objects.filter(event__startswith="heard.").order_by("event")
        return list(found.values_list("event", flat=True))


@pytest.fixture(autouse=True)
def _recorded(committed: None) -> None:
    with inside("mercedes"):
        events.record("key.issued", actor=SYSTEM)


AT: dict[str, tuple[Any, str]] = {
    "before the entry is read": (delivery, "_load"),
    "before the first listener": (delivery, "_tell"),
    "between what a listener wrote and that it has heard": (Delivered.objects, "create"),
    "before it is settled": (delivery, "_settle"),
}


@pytest.mark.parametrize(("owner", "name"), AT.values(), ids=AT)
def test_killed_at_a_line_of_ours(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        worker_that_is_killed(lambda: deliver(write, write_too))
    assert deliver(write, write_too) == 0, "the dead worker's claim has not lapsed"
    let_the_claim_lapse(monkeypatch)
    assert deliver(write, write_too) == 1
    assert heard() == ["heard.first", "heard.second"]
    assert not OutboxEntry.objects.filter(done_at=None).exists()


def test_killed_in_the_second_listener_after_it_has_written(monkeypatch: pytest.MonkeyPatch) -> None:
    worker_that_is_killed(lambda: deliver(write, write_and_die))
    assert heard() == ["heard.first"], "the first has heard for good; what the second wrote is gone with its process"
    let_the_claim_lapse(monkeypatch)
    assert deliver(write, write_too) == 1
    assert heard() == ["heard.first", "heard.second"]


def let_the_claim_lapse(patch: pytest.MonkeyPatch) -> None:
    later = clock.now() + delivery.CLAIM
    patch.setattr(clock, "now", lambda: later)
