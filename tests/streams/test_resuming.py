"""A stream goes on where it stopped: nothing is lost, nothing is told twice, whichever process it comes back to."""

from __future__ import annotations

import random
import threading
import time
from functools import partial

from django.db import transaction

from audit import events
from licensing.models import Lease
from tenants.context import inside
from tests import builders, cast, servers
from tests.licensing.workstations import Workstation
from tests.streams.conftest import Listen
from tests.streams.listeners import Event, Listener

MERCEDES = cast.MERCEDES.id
CHECKOUTS = 320


def test_what_happened_meanwhile_is_told_at_the_return(workstation: Workstation, listen: Listen):
    with listen() as first:
        before = workstation.check_out().json()["lease_id"]
        first.wait_for(lambda events: bool(events))
    missed = [workstation.check_out().json()["lease_id"] for _ in range(3)]
    with listen(last_id=first.last_id) as again:
        after = workstation.check_out().json()["lease_id"]
        again.wait_for(lambda events: len(events) == 4)
    assert [event["lease_id"] for event in first.of("checkout")] == [before]
    assert [event["lease_id"] for event in again.of("checkout")] == [*missed, after]


def test_a_stream_that_heard_nothing_yet_can_be_resumed_as_well(workstation: Workstation, listen: Listen):
    with listen() as first:
        pass
    lease = workstation.check_out().json()["lease_id"]
    with listen(query=f"?last_event_id={first.last_id}") as again:
        again.wait_for(lambda events: bool(events))
    assert [event["lease_id"] for event in again.of("checkout")] == [lease]


def test_what_committed_late_is_told_although_later_ids_were_told_before(workstation: Workstation, listen: Listen):
    """Ids are drawn before the commit: this transaction draws its id first and commits last, while nobody listens."""
    with inside(MERCEDES), transaction.atomic():
        events.record("license.capped", actor=builders.actor(), subject=("license", "lic-1"))
        with listen() as first:
            workstation.check_out()
            first.wait_for(lambda _: bool(first.of("checkout")))
        assert first.of("license") == []
    with listen(last_id=first.last_id) as again:
        again.wait_for(lambda events: bool(events))
        workstation.check_out()
        again.wait_for(lambda _: bool(again.of("checkout")))
    assert [event.kind for event in again.events] == ["license", "checkout"], "nothing is told twice"


def test_a_listener_hears_the_latecomer_without_coming_back(workstation: Workstation, listen: Listen):
    with listen() as heard:
        with inside(MERCEDES), transaction.atomic():
            events.record("license.capped", actor=builders.actor(), subject=("license", "lic-1"))
            workstation.check_out()
            heard.wait_for(lambda _: bool(heard.of("checkout")))
        heard.wait_for(lambda _: bool(heard.of("license")))
    assert [event.kind for event in heard.events] == ["checkout", "license"]


def test_a_position_of_another_world_resets(workstation: Workstation, listen: Listen):
    for token in ("999999999", "abc", "1-2-3"):
        with listen(last_id=token) as heard:
            heard.wait_for(lambda events: bool(events))
            lease = workstation.check_out().json()["lease_id"]
            heard.wait_for(lambda events: len(events) == 2)
        assert [event.kind for event in heard.events] == ["reset", "checkout"]
        assert heard.of("checkout")[0]["lease_id"] == lease


def test_a_page_hears_what_happened_since_it_was_rendered(workstation: Workstation, listen: Listen):
    rendered = time.time()
    lease = workstation.check_out().json()["lease_id"]
    with listen(query=f"?since={rendered:.0f}") as heard:
        heard.wait_for(lambda events: bool(events))
    assert [event["lease_id"] for event in heard.of("checkout")] == [lease]
    with listen(query=f"?since={rendered - 600:.0f}") as stale:
        stale.wait_for(lambda events: bool(events))
    assert [event.kind for event in stale.events] == ["reset"]


def test_two_processes_and_a_bad_connection_lose_nothing_and_repeat_nothing(workstation: Workstation):
    """Eight clients check out at two processes; the listener is cut again and again and comes back to either."""
    over = threading.Event()
    with servers.running() as other:
        houses = (workstation.server, other)

        def work(number: int) -> None:
            own = Workstation(houses[number % 2], workstation.key)
            for turn in range(CHECKOUTS // 8):
                same = {"Idempotency-Key": f"{number}-{turn}"}  # asked again where so many at once were too many
                assert any(own.check_out(same).status_code == 201 for _ in range(60))

        clients = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        heard: list[Event] = []
        for client in clients:
            client.start()
        listening = threading.Thread(target=_listen_badly, args=(houses, workstation.key, heard, over))
        listening.start()
        for client in clients:
            client.join()
        over.set()
        listening.join()
    with inside(MERCEDES):
        leases = set(Lease.objects.values_list("pk", flat=True))
    told = [event.data["lease_id"] for event in heard]
    assert len(leases) == CHECKOUTS
    assert len(told) == len(set(told)), "told twice"
    assert leases - set(told) == set(), "never told"


def known_of(events: list[Event]) -> set[str]:
    return {event.data["lease_id"] for event in events if event.kind == "checkout"}


def _is_all(known: set[str], events: list[Event]) -> bool:
    return len(known | known_of(events)) == CHECKOUTS


def _listen_badly(houses: tuple[servers.Server, ...], key: str, heard: list[Event], over: threading.Event) -> None:
    chance, last_id = random.Random(7), "0"
    is_last = False
    while not is_last:
        is_last = over.is_set()
        with Listener(chance.choice(houses), key=key, last_id=last_id) as stream:
            if not is_last:
                time.sleep(chance.uniform(0.05, 0.3))
            else:
                stream.wait_for(partial(_is_all, known_of(heard)))
        heard.extend(event for event in stream.events if event.kind == "checkout")
        last_id = stream.last_id
