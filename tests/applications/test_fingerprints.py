"""Fingerprints: learned while everything is observed, told of or refused afterwards, as an administrator decides."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from applications import fingerprints
from applications.models import Fingerprint
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from keys.restrictions import Presented
from licensing.checkout import Caller
from licensing.plane.learning import MOST_WAITING, Learner
from tenants.context import inside
from tests import builders, cast, servers
from tests.applications.conftest import becomes
from tests.applications.signers import Client, code
from tests.keys.test_restrictions import KEY
from tests.licensing.workstations import HEARTBEAT

PRODUCT = cast.DAVINCI.id


@pytest.fixture
def fresh() -> dict[str, str]:
    """Fingerprints that the server, which outlives the test, has not seen yet."""
    return {name: f"sha256:{secrets.token_hex(32)}" for name in ("one", "two", "old", "new", "other", "pirated")}


def state_of(value: str) -> str:
    with inside("mercedes"):
        return Fingerprint.objects.filter(value=value).values_list("state", flat=True).first() or ""


def id_of(value: str) -> str:
    with inside("mercedes"):
        return Fingerprint.objects.get(value=value).id


def set_mode(mode: str) -> None:
    with inside("mercedes"):
        fingerprints.set_mode(builders.actor(), PRODUCT, mode)


def with_(client: Client, fingerprint: str) -> str:
    """What a checkout of this application comes to."""
    client.fingerprint = fingerprint
    return code(client.check_out())


def with_strangers(client: Client) -> list[str]:
    """What a checkout of an application comes to that nobody has seen, and as what it is noted.

    The server hears of a mode a moment after it was set: what comes before that is still let in, and learned.
    """
    stranger = f"sha256:{secrets.token_hex(32)}"
    came = with_(client, stranger)
    becomes(lambda: state_of(stranger) != "", True)
    return [came, state_of(stranger)]


def test_what_comes_while_observed_is_learned_with_who_it_was(client: Client, fresh: dict[str, str]) -> None:
    assert with_(client, fresh["one"]) == "201"
    assert becomes(lambda: state_of(fresh["one"]), "learned") == "learned"
    with inside("mercedes"):
        seen = Fingerprint.objects.get()
        assert not AuditEntry.objects.filter(event="fingerprint.unknown").exists()
    assert (seen.product_id, seen.user, seen.ip) == (PRODUCT, "alice@mercedes.example", "127.0.0.1")
    assert seen.key_id.startswith("key-")


def test_a_fingerprint_is_written_once_however_often_it_comes(client: Client, fresh: dict[str, str]) -> None:
    with_(client, fresh["one"])
    becomes(lambda: state_of(fresh["one"]), "learned")
    with inside("mercedes"):
        Fingerprint.objects.update(user="nobody")
    assert [with_(client, fresh["one"]) for _ in range(5)] == ["201"] * 5
    with_(client, fresh["two"])
    becomes(lambda: state_of(fresh["two"]), "learned")
    with inside("mercedes"):
        assert Fingerprint.objects.get(value=fresh["one"]).user == "nobody"


def test_with_alerts_what_is_new_is_let_in_and_told_of_once(client: Client, fresh: dict[str, str]) -> None:
    with_(client, fresh["old"])
    becomes(lambda: state_of(fresh["old"]), "learned")
    set_mode("alert")
    assert becomes(lambda: with_strangers(client), ["201", "unknown"]) == ["201", "unknown"]
    assert with_(client, fresh["new"]) == "201"
    assert becomes(lambda: state_of(fresh["new"]), "unknown") == "unknown"
    assert with_(client, fresh["old"]) == "201"
    with inside("mercedes"):
        (told,) = AuditEntry.objects.filter(event="fingerprint.unknown", subject_id=id_of(fresh["new"]))
    assert (told.fingerprint, told.facts["product_id"]) == (fresh["new"], PRODUCT)


def test_when_blocking_only_what_is_known_comes_in(client: Client, fresh: dict[str, str]) -> None:
    with_(client, fresh["old"])
    becomes(lambda: state_of(fresh["old"]), "learned")
    set_mode("block")
    assert becomes(lambda: with_strangers(client)[0], "fingerprint_blocked") == "fingerprint_blocked"
    assert with_(client, fresh["new"]) == "fingerprint_blocked"
    assert with_(client, "") == "fingerprint_blocked"
    assert with_(client, fresh["old"]) == "201"
    assert becomes(lambda: state_of(fresh["new"]), "unknown") == "unknown"
    with inside("mercedes"):
        fingerprints.approve(builders.actor(), [id_of(fresh["new"])])
    assert becomes(lambda: with_(client, fresh["new"]), "201") == "201"
    with inside("mercedes"):
        assert set(AuditEntry.objects.filter(event="key.refused").values_list("code", flat=True)) == {
            "fingerprint_blocked"
        }
        assert AuditEntry.objects.filter(event="fingerprint.approved").count() == 1


def test_a_blocked_one_is_refused_in_every_mode_its_heartbeats_too(client: Client, fresh: dict[str, str]) -> None:
    client.fingerprint = fresh["pirated"]
    lease = {"lease_id": client.check_out().json()["lease_id"]}
    becomes(lambda: state_of(fresh["pirated"]), "learned")
    with inside("mercedes"):
        fingerprints.block(builders.actor(), [id_of(fresh["pirated"])])
    assert becomes(lambda: code(client.call(HEARTBEAT, lease)), "fingerprint_blocked") == "fingerprint_blocked"
    assert with_(client, fresh["pirated"]) == "fingerprint_blocked"
    assert with_(client, fresh["other"]) == "201"
    assert code(client.call(HEARTBEAT, lease)) == "200"
    with servers.running() as other:
        assert with_(Client(other, client.key), fresh["pirated"]) == "fingerprint_blocked"


def test_what_can_be_no_fingerprint_is_none(client: Client) -> None:
    set_mode("alert")
    with servers.running() as new:
        other = Client(new, client.key)
        assert becomes(lambda: [with_(other, "x" * 129), state_of("")], ["201", "unknown"]) == ["201", "unknown"]
    with inside("mercedes"):
        assert list(Fingerprint.objects.values_list("value", flat=True)) == [""]


def test_nothing_is_learned_of_products_that_the_tenant_has_no_license_of(
    client: Client, fresh: dict[str, str]
) -> None:
    client.fingerprint = fresh["one"]
    assert code(client.check_out(product_id="made-up-by-who-holds-a-key")) == "product_not_licensed"
    assert with_(client, fresh["two"]) == "201"
    assert becomes(lambda: state_of(fresh["two"]), "learned") == "learned"
    with inside("mercedes"):
        assert list(Fingerprint.objects.values_list("value", flat=True)) == [fresh["two"]]


def test_what_waits_to_be_learned_of_one_tenant_takes_no_room_from_another() -> None:
    async def crowd() -> list[int]:
        with ThreadPoolExecutor(1) as threads:
            learner = Learner(threads)
            for tenant_id in ("mercedes", "bmw"):
                caller = Caller(tenant_id, KEY, Presented(ip="10.0.0.1"))
                for number in range(MOST_WAITING + 500 if tenant_id == "mercedes" else 2):
                    learner.saw(caller, PRODUCT, f"sha256:{number}", "learned", "observe", "alice", "", clock.now())
        return [len(waiting) for waiting in learner._waiting.values()]

    assert asyncio.run(crowd()) == [MOST_WAITING, 2]
