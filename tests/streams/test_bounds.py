"""A thousand streams, a slow reader, a restart, and no Valkey."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from licensing.models import License
from tenants.context import inside
from tests import cast, servers
from tests.licensing.workstations import Workstation
from tests.streams.conftest import Listen
from tests.streams.listeners import PATH, Listener

STREAMS, MOST_KIB_EACH = 1_000, 100
NO_VALKEY = "redis://127.0.0.1:1/0"
NEVER_LOOKS = servers.command_with({"licensing.streams.app.TICK": 3600.0})


def resident_kib(process_id: int) -> int:
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process_id}/status").read_text())[0])


@pytest.fixture(scope="module")
def _here(django_db_setup: None) -> Iterator[servers.Server]:
    with servers.running(command=NEVER_LOOKS) as running:
        yield running


@pytest.fixture
def server(_here: servers.Server, committed: None) -> servers.Server:
    """One that would not look for an hour: what it tells it was told."""
    return _here


def test_a_thousand_streams_cost_little_and_hear_at_once(workstation: Workstation, listen: Listen):
    process_id = workstation.server.process.pid
    workstation.check_out()
    before = resident_kib(process_id)

    async def crowd() -> tuple[int, float]:
        streams = [await _open(workstation) for _ in range(STREAMS)]
        more = resident_kib(process_id) - before
        for _ in range(3):  # whoever is refused makes no room by it
            with listen() as refused:
                assert (refused.status, refused.problem["code"]) == (429, "too_many_streams")
                assert refused.headers["retry-after"] == "30"
        began = time.monotonic()
        await asyncio.to_thread(workstation.check_out)
        await asyncio.gather(*(asyncio.wait_for(reader.readuntil(b"event: checkout\n"), 120) for reader, _ in streams))
        heard = time.monotonic() - began
        for _, writer in streams:
            writer.close()
        return more, heard

    more, heard = asyncio.run(crowd())
    print(
        f"{STREAMS} streams: {more / 1024:.1f} MiB more; a checkout reached the last of them after {heard * 1000:.0f} ms"
    )
    assert more < STREAMS * MOST_KIB_EACH  # how soon is for benchmarks/, which hold it to 500 ms


async def _open(workstation: Workstation) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", workstation.server.port)
    host = workstation.server.host_of(workstation.label)
    writer.write(
        f"GET {PATH}?brief=true HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {workstation.key}\r\n\r\n".encode()
    )
    await reader.readuntil(b"retry: ")
    return reader, writer


def test_a_restart_does_not_wait_for_streams(workstation: Workstation):
    with servers.running(grace=600) as restarted:
        with Listener(restarted, key=workstation.key) as heard:
            restarted.process.terminate()
            heard.wait_until_closed()
            restarted.process.wait(60)
        assert heard.retry == 1000
        assert restarted.process.returncode in (0, -15)


def test_without_valkey_a_process_tells_its_own_though_it_does_not_look(workstation: Workstation):
    with (
        servers.running(command=NEVER_LOOKS, REDIS_URL=NO_VALKEY) as alone,
        Listener(alone, key=workstation.key) as heard,
    ):
        Workstation(alone, workstation.key).check_out()
        heard.wait_for(lambda events: len(events) == 1)


def test_without_valkey_a_process_finds_what_others_did(workstation: Workstation):
    with servers.running(REDIS_URL=NO_VALKEY) as alone, Listener(alone, key=workstation.key) as heard:
        workstation.check_out()  # at the other process
        heard.wait_for(lambda events: len(events) == 1)
    with inside(cast.MERCEDES.id):
        assert License.objects.get().commit_in_use == 1
