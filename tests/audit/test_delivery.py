"""Announcing what was recorded: every listener hears, once if all goes well, again if it failed, whatever the others do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections, transaction

from audit import delivery, events
from audit.delivery import Event
from audit.models import AuditEntry
from audit.outbox.models import Delivered, OutboxEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM, Actor
from tenants.context import acting_for, inside
from tests import cast

pytestmark = pytest.mark.usefixtures("committed")
ALICE = Actor(kind="user", id="7", label="alice@mercedes.example", ip="192.0.2.1", request_id="req-1")


class Ear:
    """Hears, and fails as often as it is told to."""

    def __init__(self, name: str = "ear", failures: int = 0) -> None:
        self.__qualname__, self.failures = name, failures
        self.heard: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.heard.append(event)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the ear is deaf\0")


def deliver(*ears: Callable[[Event], None]) -> int:
    return delivery.deliver_due({"key.issued": ears}, inside=inside)


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    ahead, real = [timedelta(0)], clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead[0])
    return lambda more: ahead.append(ahead.pop() + more)


def test_a_tenants_event_is_told_with_all_that_was_recorded() -> None:
    ear = Ear()
    with inside("mercedes"):
        entry = events.record("key.issued", actor=ALICE, subject=("key", "key-1"), hostnames=["ws-042"])
        at = AuditEntry.objects.get(pk=entry).at
    row = OutboxEntry.objects.get()
    assert deliver(ear) == 1
    assert ear.heard == [
        Event(
            id=f"evt-{row.pk}", name="key.issued", at=at, tenant_id="mercedes", vendor_id="", entry_id=entry, actor=ALICE,
            subject=("key", "key-1"), facts={"hostnames": ["ws-042"]},
        )
    ]  # fmt: skip
    assert deliver(ear) == 0


def test_entries_with_one_number_in_two_schemas_are_not_mistaken() -> None:
    ear = Ear()
    for tenant_id in ("mercedes", "bmw"):
        with inside(tenant_id):
            events.record("key.issued", actor=SYSTEM, subject=("key", f"of {tenant_id}"))
    with acting_for(cast.VECTOR.id):
        events.record("key.issued", actor=SYSTEM, subject=("key", "of vector"))
    deliver(ear)
    assert [(event.tenant_id, event.vendor_id, event.subject[1]) for event in ear.heard] == [
        ("mercedes", "", "of mercedes"),
        ("bmw", "", "of bmw"),
        ("", cast.VECTOR.id, "of vector"),
    ]


def test_what_is_rolled_back_is_never_told() -> None:
    ear = Ear()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.record("key.issued", actor=SYSTEM)
        _ = 1 / 0
    assert deliver(ear) == 0
    assert ear.heard == []


def test_what_nobody_waits_for_is_passed_over() -> None:
    events.record("coffee.brewed", actor=SYSTEM)
    assert deliver(Ear()) == 0
    assert OutboxEntry.objects.get().done_at is not None


def test_what_nobody_waits_for_stops_nothing_when_it_comes_meanwhile() -> None:
    class Brewer(Ear):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            events.record("coffee.brewed", actor=SYSTEM)

    brewer = Brewer()
    for name in ("key-1", "key-2"):
        events.record("key.issued", actor=SYSTEM, subject=("key", name))
    assert deliver(brewer) == 2
    assert [event.subject[1] for event in brewer.heard] == ["key-1", "key-2"]
    assert OutboxEntry.objects.filter(event="coffee.brewed", done_at=None, attempts=0).count() == 2
    assert deliver(brewer) == 0
    assert not OutboxEntry.objects.filter(done_at=None).exists()


def test_a_deaf_listener_holds_up_no_other_and_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf, good = Ear("deaf", failures=2), Ear("good")
    events.record("key.issued", actor=SYSTEM)
    events.record("key.issued", actor=SYSTEM)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert deliver(deaf, good) == 2
    assert len(good.heard) == 2
    row = OutboxEntry.objects.order_by("pk")[0]
    assert (row.done_at, row.attempts) == (None, 1)
    assert row.last_problem == "tests.audit.test_delivery.deaf: ConnectionError: the ear is deaf"
    assert deliver(deaf, good) == 0  # not due yet
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(seconds=3))
    assert deliver(deaf, good) == 2
    assert (len(deaf.heard), len(good.heard)) == (4, 2)
    assert not OutboxEntry.objects.filter(done_at=None).exists()
    assert Delivered.objects.count() == 4


def test_a_problem_is_kept_without_the_secrets_in_it() -> None:
    class Talkative(Ear):
        def __call__(self, event: Event) -> None:
            raise ConnectionError("smtp://robot:hunter2@mail.example refused Bearer abc.def")

    events.record("key.issued", actor=SYSTEM)
    deliver(Talkative())
    problem = OutboxEntry.objects.get().last_problem
    assert "mail.example refused" in problem
    assert not [secret for secret in ("hunter2", "abc.def") if secret in problem]


def test_what_a_failing_listener_wrote_is_undone() -> None:
    def writes_and_fails(event: Event) -> None:
        AuditEntry.objects.create(event="half.written", actor_kind="system")
        raise RuntimeError("no")

    events.record("key.issued", actor=SYSTEM)
    deliver(writes_and_fails)
    assert not AuditEntry.objects.filter(event="half.written").exists()


def test_a_claim_that_nobody_settles_lapses(let_pass: Callable[[timedelta], None]) -> None:
    ear = Ear()
    events.record("key.issued", actor=SYSTEM)
    assert delivery._claim_one({"key.issued": (ear,)}) is not None  # and the worker dies
    assert deliver(ear) == 0
    let_pass(timedelta(seconds=61))
    assert deliver(ear) == 1
    assert len(ear.heard) == 1


def test_after_three_days_it_is_given_up_and_the_problem_stays(let_pass: Callable[[timedelta], None]) -> None:
    ear = Ear(failures=1000)
    events.record("key.issued", actor=SYSTEM)
    tries = 0
    while OutboxEntry.objects.filter(done_at=None).exists():
        tries += deliver(ear)
        let_pass(timedelta(hours=6))
    row = OutboxEntry.objects.get()
    assert tries == row.attempts == 13
    assert row.last_problem.endswith("ConnectionError: the ear is deaf")


def test_two_workers_share_the_work() -> None:
    ear, barrier = Ear(), threading.Barrier(2)
    for _ in range(30):
        events.record("key.issued", actor=SYSTEM)

    def work() -> None:
        barrier.wait()
        deliver(ear)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({event.id for event in ear.heard}) == len(ear.heard) == 30


def test_an_entry_that_cannot_be_loaded_stops_nothing() -> None:
    ear = Ear()
    OutboxEntry.objects.create(event="key.issued", tenant_id="vanished", entry_id=1)
    events.record("key.issued", actor=SYSTEM)
    assert deliver(ear) == 2
    assert len(ear.heard) == 1
    lost = OutboxEntry.objects.get(tenant_id="vanished")
    assert lost.done_at is None
    assert lost.last_problem.startswith("loading: ")


def test_old_rows_are_forgotten_a_batch_at_a_time(
    let_pass: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FORGOTTEN_AT_ONCE", 2)
    for _ in range(5):
        events.record("key.issued", actor=SYSTEM)
    deliver(Ear())
    assert delivery.forget_delivered() == 0
    let_pass(timedelta(days=8))
    events.record("key.issued", actor=SYSTEM)
    assert delivery.forget_delivered() == 10  # five rows, and who heard of each
    assert OutboxEntry.objects.count() == 1
    assert AuditEntry.objects.filter(event="key.issued").count() == 6
