"""The background beat: it keeps the seat, outlives trouble, ends cleanly, and survives a fork."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudlicenses_client import Lease, LicenseClient
from sdk_contract_mishaps import answers, cuts_the_answer, hangs, hangs_up, problem
from sdk_contract_server import ALICE, API_KEY, HEARTBEAT, PRODUCT, ContractServer
from sdk_stage import SOURCE, MovableClock, eventually

NewClient = Callable[..., LicenseClient]


@pytest.fixture
def lease(server: ContractServer, new_client: NewClient) -> Lease:
    """A lease that beats ten times a second."""
    server.heartbeat_seconds = 0.1
    return new_client(max_retries=0).checkout(user=ALICE)


def beats(server: ContractServer) -> int:
    return len(server.asked(HEARTBEAT))


def heartbeat_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("cloudlicenses-heartbeat")]


def test_each_beat_moves_the_signed_expiry_on(server: ContractServer, lease: Lease) -> None:
    first, server.ttl = lease.expires_at, 1800
    eventually(lambda: lease.expires_at > first)
    assert lease.is_valid()
    assert server.asked(HEARTBEAT)[0].body == {"lease_id": lease.id}


def test_a_feature_switched_off_at_the_server_is_off_after_the_next_beat(server: ContractServer, lease: Lease) -> None:
    server.claims_override = {"features": {"can_editor": False}}
    eventually(lambda: not lease.has_feature("can_editor"))
    assert lease.is_valid()


def test_the_beat_goes_on_after_any_trouble(server: ContractServer, lease: Lease) -> None:
    troubles = [hangs_up, cuts_the_answer, answers(problem(503, "busy")), answers(problem(429, "rate_limited"))]
    troubles += [answers(problem(403, "ip_not_allowed")), answers(problem(500, "internal_error"))]
    server.mishaps.extend(troubles)
    eventually(lambda: not server.mishaps and beats(server) > len(troubles) + 1)
    assert lease.is_valid()
    assert lease.lost is None


def test_the_beat_goes_on_after_a_token_that_cannot_be_believed(server: ContractServer, lease: Lease) -> None:
    server.claims_override = {"tenant": "bmw"}
    before = beats(server)
    eventually(lambda: beats(server) > before + 2)
    assert lease.is_valid()  # on what was believed before
    server.claims_override, server.ttl = {}, 1800
    first = lease.expires_at
    eventually(lambda: lease.expires_at > first)


def test_an_older_token_does_not_replace_a_newer_one(server: ContractServer, lease: Lease) -> None:
    expiry = lease.expires_at
    server.now = lambda: time.time() - 60
    before = beats(server)
    eventually(lambda: beats(server) > before + 2)
    assert lease.expires_at >= expiry


@pytest.mark.parametrize("code", ["lease_revoked", "lease_expired", "lease_returned"])
def test_a_seat_taken_back_ends_the_lease_and_its_beat(server: ContractServer, lease: Lease, code: str) -> None:
    server.gone[lease.id] = code
    eventually(lambda: lease.lost)
    assert lease.lost is not None
    assert lease.lost.code == code
    assert not lease.is_valid()
    assert not lease.has_feature("can_editor")
    eventually(lambda: not heartbeat_threads())


def test_returning_stops_the_beat(server: ContractServer, lease: Lease) -> None:
    eventually(lambda: beats(server) > 1)
    lease.return_license()
    eventually(lambda: not heartbeat_threads())
    after = beats(server)
    time.sleep(0.3)
    assert beats(server) == after


def test_a_hanging_beat_does_not_hold_up_the_return(server: ContractServer, lease: Lease) -> None:
    server.mishaps.append(hangs(60))
    eventually(lambda: not server.mishaps)
    began = time.monotonic()
    lease.return_license()
    assert time.monotonic() - began < 30
    assert server.leases == {}


def test_closing_the_client_stops_every_beat(server: ContractServer, lease: Lease, new_client: NewClient) -> None:
    client = new_client()
    client.checkout(user=ALICE)
    client.checkout(user=ALICE)
    client.close()
    lease._client.close()
    eventually(lambda: not heartbeat_threads())
    assert len(server.leases) == 3  # not returned: they lapse by themselves


def test_the_interpreter_ends_when_the_program_does(server: ContractServer, tmp_path: Path) -> None:
    program = f"""
        from cloudlicenses_client import LicenseClient
        lease = LicenseClient({server.url!r}, {API_KEY!r}, {PRODUCT!r}, cache_dir={str(tmp_path)!r}).checkout(user="alice")
        print(lease.is_valid())
    """
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_beats_on_its_own_and_leaves_the_seat_to_its_parent(
    server: ContractServer, lease: Lease
) -> None:
    eventually(lambda: beats(server) > 0)
    reader, writer = os.pipe()
    with lease:
        child = os.fork()
        if child == 0:
            _child_uses(lease, writer)
        os.close(writer)
        with os.fdopen(reader) as said:
            assert said.read() == "renewed, valid, not returned"
        os.waitpid(child, 0)
        assert list(server.leases) == [lease.id]
        assert lease.is_valid()
    assert server.leases == {}


def _child_uses(lease: Lease, writer: int) -> None:
    """What the child does; it never comes back."""
    try:
        first = lease._grant
        eventually(lambda: lease._grant is not first)
        with lease:
            said = f"renewed, {'valid' if lease.is_valid() else 'invalid'}"
        said += ", not returned" if lease.is_valid() else ", returned"
        os.write(writer, said.encode())
    finally:
        os._exit(0)


def test_two_clocks_differing_do_not_stop_the_beat(
    server: ContractServer, new_client: Callable[..., Any], movable: MovableClock
) -> None:
    server.heartbeat_seconds = 0.1
    lease = new_client(max_retries=0).checkout(user=ALICE)
    movable.set_wall(-3600)  # somebody sets the clock back: renewals can't be believed, the old term still holds
    before = beats(server)
    eventually(lambda: beats(server) > before + 1)
    assert lease.is_valid()
    movable.set_wall(3600)
    first, server.ttl = lease.expires_at, 1800
    eventually(lambda: lease.expires_at > first)
