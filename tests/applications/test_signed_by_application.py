"""A stolen key in a script: whatever it sends, it has not the vendor's secret."""

from __future__ import annotations

import time

import msgspec
import pytest

from applications.signing import secrets
from audit.models import AuditEntry
from licensing.models import Lease
from tenants.context import acting_for, inside
from tests import builders, cast, servers
from tests.almost import mistyped
from tests.applications.conftest import becomes
from tests.applications.signers import BySecret, Client, code
from tests.licensing.workstations import CHECKOUT, HEARTBEAT, RETURN

BODY = msgspec.json.encode({"product_id": cast.DAVINCI.id, "user": "alice@mercedes.example"})


def seats() -> int:
    with inside("mercedes"):
        return Lease.objects.count()


def test_signed_from_checkout_to_return(client: Client, secret: BySecret) -> None:
    client.application = secret
    taken = client.check_out()
    assert code(taken) == "201"
    lease = {"lease_id": taken.json()["lease_id"]}
    assert code(client.call(HEARTBEAT, lease)) == "200"
    client.application = None
    assert [code(client.call(path, lease)) for path in (HEARTBEAT, RETURN)] == ["signature_invalid"] * 2
    client.application = secret
    assert code(client.call(RETURN, lease)) == "200"


def test_a_stolen_key_in_a_script_takes_no_seat_and_is_told_of(client: Client, secret: BySecret) -> None:
    assert code(client.check_out()) == "signature_invalid"
    assert seats() == 0
    with inside("mercedes"):
        entry = AuditEntry.objects.get(event="key.refused")
    assert (entry.code, entry.result) == ("signature_invalid", "refused")


def test_a_request_that_was_signed_passes_once(client: Client, secret: BySecret) -> None:
    client.application = secret
    headers = client.headers(CHECKOUT, BODY)
    assert [code(client.send(CHECKOUT, BODY, headers)) for _ in range(3)] == ["201", *["signature_invalid"] * 2]
    assert seats() == 1


def test_nor_does_it_at_another_process(client: Client, secret: BySecret) -> None:
    client.application = secret
    headers = client.headers(CHECKOUT, BODY)
    with servers.running() as other:
        elsewhere = Client(other, client.key)
        assert [code(each.send(CHECKOUT, BODY, headers)) for each in (client, elsewhere)] == [
            "201",
            "signature_invalid",
        ]
    assert seats() == 1


def test_without_valkey_a_process_remembers_by_itself(client: Client, secret: BySecret) -> None:
    client.application = secret
    headers = client.headers(CHECKOUT, BODY)
    with servers.running(REDIS_URL="redis://127.0.0.1:1/0") as alone:
        answers = [code(Client(alone, client.key).send(CHECKOUT, BODY, headers)) for _ in range(2)]
    assert answers == ["201", "signature_invalid"]


@pytest.mark.parametrize(
    ("skew", "expected"), [(-20, "201"), (50, "201"), (-65, "signature_invalid"), (120, "signature_invalid")]
)
def test_a_clock_may_be_wrong_by_a_minute(client: Client, secret: BySecret, skew: int, expected: str) -> None:
    client.application = secret
    answer = client.send(CHECKOUT, BODY, client.headers(CHECKOUT, BODY, at=time.time() + skew))
    assert code(answer) == expected
    assert expected == "201" or "clock" in answer.json()["detail"]


def test_what_was_signed_can_not_be_altered(client: Client, secret: BySecret) -> None:
    client.application = secret
    headers = client.headers(CHECKOUT, BODY)
    other = BODY.replace(b"alice", b"mallo")
    assert code(client.send(CHECKOUT, other, headers)) == "signature_invalid"
    elsewhere = client.headers(HEARTBEAT, BODY)
    assert code(client.send(CHECKOUT, BODY, elsewhere)) == "signature_invalid"
    version, key_id, at, nonce, signature = headers["X-App-Signature"].split(".")
    for forged in (
        f"v2.{key_id}.{at}.{nonce}.{signature}",
        f"{version}.{key_id}.{int(at) + 1}.{nonce}.{signature}",
        f"{version}.{key_id}.{at}.{nonce[::-1]}.{signature}",
        f"{version}.{key_id}.{at}.{nonce}.{signature[:-2]}",
        f"{version}.{key_id}.{at}.{nonce}.{'A' * 43}",
        "x" * 5000,
        "",
    ):
        assert code(client.send(CHECKOUT, BODY, {"X-App-Signature": forged})) == "signature_invalid", forged
    assert seats() == 0


def test_a_signature_for_one_host_is_nothing_at_another(client: Client, secret: BySecret) -> None:
    client.application = secret
    client.label = "bmw"
    headers = client.headers(CHECKOUT, BODY)
    client.label = "mercedes"
    assert code(client.send(CHECKOUT, BODY, headers)) == "signature_invalid"


def test_the_secret_of_another_product_signs_for_its_own_only(client: Client, secret: BySecret) -> None:
    with acting_for(cast.GREENHILLS.id):
        other = secrets.generate(builders.actor(), cast.GREENHILLS.id, cast.MULTI.id).text
    client.application = BySecret(other)
    assert code(client.check_out()) == "signature_invalid"
    client.application = BySecret(mistyped(secret.text))
    assert code(client.check_out()) == "signature_invalid"


def test_a_rotated_secret_works_until_it_is_retired(client: Client, secret: BySecret) -> None:
    with acting_for(cast.VECTOR.id):
        fresh = BySecret(secrets.generate(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id).text)
    client.application = fresh
    assert becomes(lambda: code(client.check_out()), "201") == "201"
    client.application = secret
    assert code(client.check_out()) == "201"
    with acting_for(cast.VECTOR.id):
        secrets.retire(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id, secret.key_id)
    assert becomes(lambda: code(client.check_out()), "signature_invalid") == "signature_invalid"
    client.application = fresh
    assert code(client.check_out()) == "201"


def test_what_need_not_be_signed_may_be_but_not_wrongly(client: Client, secret: BySecret) -> None:
    with acting_for(cast.VECTOR.id):
        secrets.require(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id, is_required=False)
    assert becomes(lambda: code(client.check_out()), "201") == "201"
    client.application = secret
    taken = client.check_out()
    assert code(taken) == "201"
    lease = {"lease_id": taken.json()["lease_id"]}
    client.application = BySecret("clps_vector-de_guessed")
    assert [code(client.check_out()), code(client.call(HEARTBEAT, lease))] == ["signature_invalid"] * 2
    client.application = secret
    assert code(client.call(HEARTBEAT, lease)) == "200"


def test_a_refused_signature_uses_up_nothing_of_the_key(client: Client, secret: BySecret) -> None:
    """Or a thief could keep the application out."""
    for _ in range(3):
        assert "RateLimit-Remaining" not in client.check_out().headers
    client.application = secret
    assert client.check_out().headers["RateLimit-Remaining"] == "99"
