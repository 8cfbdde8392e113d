"""No network: a lease goes on until its signed expiry, a start finds it on disk, and no trick with the clock makes it longer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudlicenses_client import (
    ClockSetBackError,
    LicenseClient,
    RateLimitedError,
    RefusedError,
    ServerUnreachableError,
)
from sdk_contract_mishaps import Reply, answers, problem
from sdk_contract_server import ALICE, API_KEY, ContractServer
from sdk_stage import MovableClock, eventually

NewClient = Callable[..., LicenseClient]


def test_work_goes_on_until_the_signed_expiry_and_not_after(
    server: ContractServer, client: LicenseClient, movable: MovableClock
) -> None:
    lease = client.checkout(user=ALICE)
    server.is_down = True
    movable.advance(800)
    assert lease.is_valid()
    assert lease.has_feature("can_editor")
    movable.advance(120)
    assert not lease.is_valid()
    assert not lease.has_feature("can_editor")


def test_setting_the_clock_back_does_not_make_a_lease_longer(client: LicenseClient, movable: MovableClock) -> None:
    lease = client.checkout(user=ALICE)
    movable.advance(800)
    movable.set_wall(-750)
    assert lease.is_valid()
    movable.advance(120)
    assert not lease.is_valid()
    assert not lease.has_feature("can_editor")


def test_sleeping_through_the_expiry_does_not_make_a_lease_longer(client: LicenseClient, movable: MovableClock) -> None:
    lease = client.checkout(user=ALICE)
    movable.set_wall(1000)  # a machine asleep: its monotonic clock stood still
    assert not lease.is_valid()


def test_a_start_without_network_goes_on_with_the_kept_lease(crashed: str, restarted: LicenseClient) -> None:
    lease = restarted.checkout(user=ALICE)
    assert lease.id == crashed
    assert lease.is_offline
    assert lease.is_valid()
    assert lease.has_feature("can_editor")


def test_a_start_without_network_ends_at_the_same_signed_expiry(
    crashed: str, restarted: LicenseClient, movable: MovableClock
) -> None:
    movable.advance(800)
    lease = restarted.checkout(user=ALICE)
    assert lease.is_valid()
    movable.advance(120)
    assert not lease.is_valid()
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)


def test_a_server_in_trouble_counts_as_no_server(
    server: ContractServer, crashed: str, restarted: LicenseClient
) -> None:
    server.is_down = False
    server.mishaps.append(answers(problem(503, "busy")))
    assert restarted.checkout(user=ALICE).id == crashed


def test_the_kept_lease_rejoins_the_server_when_it_is_back(
    server: ContractServer, crashed: str, restarted: LicenseClient
) -> None:
    lease = restarted.checkout(user=ALICE)
    server.is_down = False
    eventually(lambda: not lease.is_offline)
    assert lease.id == crashed
    assert lease.is_valid()


def test_a_kept_lease_the_server_has_revoked_ends_and_is_forgotten(
    server: ContractServer, crashed: str, restarted: LicenseClient
) -> None:
    lease = restarted.checkout(user=ALICE)
    server.gone[crashed] = "lease_revoked"
    server.is_down = False
    eventually(lambda: lease.lost)
    assert not lease.is_valid()
    assert lease.lost is not None
    assert lease.lost.code == "lease_revoked"
    server.is_down = True
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)


@pytest.mark.parametrize(
    ("user", "changed"),
    [
        ("bob@mercedes.com", {}),
        (ALICE, {"hostname": "other-ws.mercedes.com"}),
        (ALICE, {"offline_fallback": False}),
    ],
)
def test_the_kept_lease_is_for_one_user_and_host_and_can_be_turned_off(
    crashed: str, new_client: NewClient, user: str, changed: dict[str, object]
) -> None:
    with pytest.raises(ServerUnreachableError):
        new_client(max_retries=0, **changed).checkout(user=user)


def test_the_kept_lease_is_for_one_product(
    server: ContractServer, crashed: str, options: dict[str, object], tmp_path: Path
) -> None:
    other = LicenseClient(server.url, API_KEY, "another-product", max_retries=0, cache_dir=tmp_path / "cache")
    with other, pytest.raises(ServerUnreachableError):
        other.checkout(user=ALICE)


def test_a_machine_that_forgot_its_domain_is_still_the_same_machine(crashed: str, new_client: NewClient) -> None:
    assert new_client(max_retries=0, hostname="dev-ws-042").checkout(user=ALICE).id == crashed


def test_a_feature_that_must_be_licensed_is_asked_of_the_kept_lease_too(crashed: str, restarted: LicenseClient) -> None:
    assert restarted.checkout(user=ALICE, features=["can_editor"]).id == crashed
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE, features=["can_simulate"])


def test_a_returned_lease_is_not_kept(server: ContractServer, client: LicenseClient, restarted: LicenseClient) -> None:
    with client.checkout(user=ALICE):
        pass
    server.is_down = True
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)


def test_returning_one_of_two_seats_keeps_the_other(
    server: ContractServer, client: LicenseClient, restarted: LicenseClient
) -> None:
    first = client.checkout(user=ALICE)
    second = client.checkout(user=ALICE)
    client.return_license(first.id)
    server.is_down = True
    assert restarted.checkout(user=ALICE).id == second.id


@pytest.mark.parametrize(
    "refusal", [problem(401, "key_revoked"), problem(409, "license_suspended"), problem(409, "no_licenses_available")]
)
def test_a_refusal_is_never_overridden_by_the_kept_lease_and_empties_it(
    server: ContractServer, crashed: str, restarted: LicenseClient, refusal: Reply
) -> None:
    server.is_down = False
    server.mishaps.append(answers(refusal))
    with pytest.raises(RefusedError) as refused:
        restarted.checkout(user=ALICE)
    assert refused.value.code == refusal.body["code"]
    server.is_down = True
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)


def test_a_rate_limit_is_a_refusal_but_says_nothing_of_the_lease(
    server: ContractServer, crashed: str, restarted: LicenseClient
) -> None:
    server.is_down = False
    server.mishaps.append(answers(problem(429, "rate_limited")))
    with pytest.raises(RateLimitedError):
        restarted.checkout(user=ALICE)
    server.is_down = True
    assert restarted.checkout(user=ALICE).id == crashed


def test_a_clock_set_back_between_two_starts_is_noticed(
    crashed: str, restarted: LicenseClient, movable: MovableClock
) -> None:
    movable.advance(600)
    restarted.checkout(user=ALICE)  # the latest moment seen is kept
    movable.advance(-500)
    with pytest.raises(ClockSetBackError):
        restarted.checkout(user=ALICE)


def test_beats_in_vain_keep_the_latest_moment_seen(
    crashed: str, restarted: LicenseClient, movable: MovableClock, tmp_path: Path
) -> None:
    (file,) = (tmp_path / "cache").glob("*.lease.json")
    restarted.checkout(user=ALICE)
    movable.advance(600)
    eventually(lambda: json.loads(file.read_text())["seen_at"] > movable.wall() - 5)
    latest = json.loads(file.read_text())["seen_at"]
    movable.set_wall(-600)
    eventually(lambda: time.time() + 600 > latest + 0.4)
    assert json.loads(file.read_text())["seen_at"] >= latest
    with pytest.raises(ClockSetBackError):
        restarted.checkout(user=ALICE)


def test_a_clock_set_before_the_signing_is_noticed(
    crashed: str, restarted: LicenseClient, movable: MovableClock
) -> None:
    movable.advance(-3600)
    with pytest.raises(ClockSetBackError):
        restarted.checkout(user=ALICE)
