"""More requests at once than there is room for: the rest is refused at once and told when to come again; then all is as before.
More of one tenant's than of the others': they wait at the door.

A lock on the license holds back what was accepted, so that how many come in before others leave is no matter of chance.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.conf import settings
from psycopg import sql

from licensing.models import Lease
from licensing.plane.room import MOST_UNDER_WAY, PATIENCE_SECONDS, WORTHWHILE
from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders, cast, locks, servers
from tests.licensing.workstations import CHECKOUT, Workstation
from tests.races.auditing import faults_of

TOO_MANY = 150
SOME = 3  # of another tenant, which has one under way already
LONGEST_SECONDS = 60  # from the release to the last answer, on a machine that does other things too


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, object]


@pytest.fixture
def workstation(committed: None) -> Iterator[Workstation]:
    """At a server that waits for a lock for as long as a busy machine needs to ask everything."""
    with inside(cast.MERCEDES.id):
        builders.granted(total_licenses=1000, commit_qty=1000, max_overage=0)
        key = builders.tenant_key(checkouts_per_minute=100_000, requests_per_hour=1_000_000)
    with servers.running(command=servers.command_with({"licensing.seats.PATIENCE_APART_MS": 60_000})) as server:
        yield Workstation(server, key)


def test_a_burst_beyond_the_room_is_shed_at_once_and_leaves_no_trace(workstation: Workstation) -> None:
    usual = workstation.check_out().json()["heartbeat_interval_seconds"]
    shed, accepted, seconds = asyncio.run(_burst(workstation))
    print(f"shed at once: {len(shed)}; accepted: {Counter(one.status for one in accepted)}; all after {seconds:.1f} s")
    assert len(shed) >= TOO_MANY
    for answer in shed:
        assert (answer.status, answer.body["code"]) == (503, "busy")
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
    assert len(shed) + len(accepted) == MOST_UNDER_WAY + TOO_MANY
    assert {answer.status for answer in accepted} <= {201, 503}
    granted = [answer.body["lease_id"] for answer in accepted if answer.status == 201]
    assert granted, "who was accepted is served once the lock is gone"
    told = [int(str(answer.body["heartbeat_interval_seconds"])) for answer in accepted if answer.status == 201]
    assert usual < max(told) <= settings.LEASE_TTL_SECONDS / 2, "so many are under way: they are to come again later"
    assert seconds < LONGEST_SECONDS
    again = workstation.check_out()
    assert again.status_code == 201
    assert again.json()["heartbeat_interval_seconds"] == usual, "nothing counts as under way any more"
    with inside(cast.MERCEDES.id):
        assert Lease.objects.count() == len(granted) + 2
    assert faults_of(cast.MERCEDES.id) == []


def test_a_rush_waits_at_the_door_for_a_while_and_the_others_come_in(workstation: Workstation) -> None:
    bmw = Workstation(workstation.server, _granted_to_bmw(), label=cast.BMW.id)
    refused, seconds, accepted = asyncio.run(_rush(workstation, bmw))
    print(f"refused after {seconds:.1f} s at the door: {len(refused)}; then accepted: {len(accepted)}")
    assert seconds > PATIENCE_SECONDS / 2, "nobody is refused before there was time to be let in"
    assert {(answer.status, answer.body["code"]) for answer in refused} == {(503, "busy")}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert [answer.status for answer in accepted] == [201] * (WORTHWHILE + SOME)
    counted = workstation.server.ask("GET", "/metrics").text
    assert f'cloudlicenses_plane_held_back_total{{tenant="{cast.MERCEDES.id}"}} {TOO_MANY:.1f}' in counted
    for place in (workstation, bmw):
        assert place.check_out().status_code == 201
    with inside(cast.MERCEDES.id):
        assert Lease.objects.count() == WORTHWHILE
    assert faults_of(cast.MERCEDES.id) == faults_of(cast.BMW.id) == []


def _granted_to_bmw() -> str:
    with inside(cast.BMW.id):
        builders.granted(total_licenses=1000, commit_qty=1000, max_overage=0)
        return builders.tenant_key(cast.BMW.id, checkouts_per_minute=100_000, requests_per_hour=1_000_000)


async def _rush(rushing: Workstation, other: Workstation) -> tuple[list[Answer], float, list[Answer]]:
    """What so many requests of one tenant were told while nothing could be granted, and after how long; and what was answered to
    all that had come in, some of them the other tenant's that came last."""
    number = WORTHWHILE - 1 + TOO_MANY
    connections = [await asyncio.open_connection("127.0.0.1", rushing.server.port) for _ in range(1 + SOME + number)]
    with _license_locked(cast.MERCEDES), _license_locked(cast.BMW):
        first = asyncio.create_task(_ask(other, *connections[0]))
        await asyncio.to_thread(locks.wait_until_somebody_waits)
        began = time.monotonic()
        asked = [asyncio.create_task(_ask(rushing, *one)) for one in connections[1 + SOME :]]
        refused: set[asyncio.Task[Answer]] = set()
        while len(refused) < TOO_MANY:
            refused, _ = await asyncio.wait(asked, timeout=0.05, return_when=asyncio.ALL_COMPLETED)
        seconds = time.monotonic() - began
        after = [asyncio.create_task(_ask(other, *one)) for one in connections[1 : 1 + SOME]]
        done, _ = await asyncio.wait(after, timeout=2 * PATIENCE_SECONDS)
        assert not done, "they are under way, not refused"
    accepted = await asyncio.gather(first, *(one for one in asked if one not in refused), *after)
    for _, writer in connections:
        writer.close()
    return [one.result() for one in refused], seconds, accepted


async def _burst(workstation: Workstation) -> tuple[list[Answer], list[Answer], float]:
    """What was answered while nothing could be granted; what was answered then; and how long that took."""
    number = MOST_UNDER_WAY + TOO_MANY
    server = workstation.server
    connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(number)]
    with _license_locked(cast.MERCEDES):
        asked = [asyncio.create_task(_ask(workstation, *connection)) for connection in connections]
        early: set[asyncio.Task[Answer]] = set()
        while len(early) < TOO_MANY:
            early, _ = await asyncio.wait(asked, timeout=0.05, return_when=asyncio.ALL_COMPLETED)
    released = time.monotonic()
    rest = await asyncio.gather(*(one for one in asked if one not in early))
    seconds = time.monotonic() - released
    for _, writer in connections:
        writer.close()
    return [one.result() for one in early], rest, seconds


async def _ask(workstation: Workstation, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    body = json.dumps({"product_id": cast.DAVINCI.id, "user": "anna"})
    host = workstation.server.host_of(workstation.label)
    writer.write(
        f"POST {CHECKOUT} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {workstation.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    content = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(head.split(" ")[1]), headers, json.loads(content))


@contextmanager
def _license_locked(whose: cast.Customer) -> Iterator[None]:
    with owner_connection() as owner, owner.transaction():
        table = sql.Identifier(roles.schema_of(whose.id), "licensing_license")
        owner.execute(sql.SQL("SELECT FROM {} FOR UPDATE").format(table))
        yield
