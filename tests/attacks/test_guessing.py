"""Guessing: names and secrets that can't be, work that tells nothing, and counters that nobody else's name runs into."""

from __future__ import annotations

import itertools
import statistics
import time
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from cloudlicenses.kit import ids, tokens
from cloudlicenses.kit.limits import Limit, LocalLimiter
from cloudlicenses.web import tries
from keys import recognising
from keys.refusals import KeyInvalid
from tenants import context
from tenants.names import fault_of_tenant_id
from tests import builders, cast, sites
from tests.almost import mistyped
from tests.attacks.intruders import AT_MERCEDES

ROUNDS = 400


def test_ids_do_not_tell_the_next_one() -> None:
    made = [ids.new_id("lease") for _ in range(2000)]
    assert len(set(made)) == 2000
    assert made != sorted(made)
    random_part = {text.partition("-")[2] for text in made}
    assert min(map(len, random_part)) >= 10
    for position in range(10):  # no position is a counter, or the same for all
        assert len({text[position] for text in random_part}) >= 16


def test_a_key_has_256_bits_and_each_character_of_its_own() -> None:
    secrets = [tokens.mint("clsk", "mercedes").text.rpartition("_")[2][: tokens.SECRET_LENGTH] for _ in range(2000)]
    assert len(tokens.DIGITS) ** tokens.SECRET_LENGTH > 2**255
    for position in range(tokens.SECRET_LENGTH):
        assert len({text[position] for text in secrets}) == len(tokens.DIGITS)


def test_looking_up_a_key_is_the_same_work_whether_it_exists_or_not(db: None) -> None:
    """Looked up by its HMAC: nothing of the secret is ever compared letter by letter, in Python or in an index."""
    with AT_MERCEDES():
        real = builders.tenant_key()
        found = _statements(real)
        unknown = _statements(tokens.mint("clsk", cast.MERCEDES.id).text)
    assert found == unknown
    assert len(found) == 1
    assert real[-49:] not in found[0]
    assert tokens.digests(real)[0][:8] != tokens.digests(_with_last_changed(real))[0][:8]


def _statements(key: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked, suppress(KeyInvalid):
        recognising.find(key, recognising.APPLICATION)
    return [query["sql"].partition("WHERE")[0] for query in asked.captured_queries]


def _with_last_changed(key: str) -> str:
    other = mistyped(key[: -tokens.CHECKSUM_LENGTH], at=-1)
    return other + tokens._checksum(other)


def test_the_time_of_looking_up_a_key_does_not_tell_how_much_of_it_was_right(db: None) -> None:
    """Processor time of this thread, in turns so that other work meets all alike; the medians of near misses and of far ones."""
    with AT_MERCEDES():
        real = builders.tenant_key()
        near, far = _with_last_changed(real), tokens.mint("clsk", cast.MERCEDES.id).text
        took: dict[str, list[int]] = {near: [], far: []}
        for turn in range(ROUNDS):
            for key in (near, far) if turn % 2 else (far, near):
                took[key].append(_cost(key))
    medians = {key: statistics.median(values) for key, values in took.items()}
    assert abs(medians[near] - medians[far]) < 0.25 * medians[far], medians


def _cost(key: str) -> int:
    started = time.thread_time_ns()
    with pytest.raises(KeyInvalid):
        recognising.find(key, recognising.APPLICATION)
    return time.thread_time_ns() - started


@pytest.mark.parametrize("who", ["nobody", "somebody", "somebody who left", "somebody invited"])
def test_a_wrong_password_is_the_same_work_for_everybody(db: None, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """One hash of a password and one question to the database, whoever was named."""
    hashed: list[str] = []
    kind: Any = type(get_hasher())
    real = kind.encode

    def encode(self: Any, *args: Any, **more: Any) -> str:
        hashed.append(who)
        return str(real(self, *args, **more))

    monkeypatch.setattr(kind, "encode", encode)
    with AT_MERCEDES():
        person = builders.person("anna@mercedes-benz.com", role=Role.VIEWER)
        person.is_active = who != "somebody who left"
        person.password = "" if who == "somebody invited" else person.password
        person.save()
        email = "nobody@mercedes-benz.com" if who == "nobody" else person.email
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            assert authenticate(RequestFactory().post("/login"), email=email, password="wrong, and long enough") is None
    assert (len(hashed), len(asked)) == (1, 1)


def test_counters_of_tries_have_a_name_of_their_own_for_each_host_tenant_and_account() -> None:
    """Also where a tenant is called as a kind of host is, and an account as a tenant."""
    names = []
    for tenant_id, kind in (
        (None, "apex"),
        (None, "vendors"),
        ("apex", "tenant"),
        ("vendors", "tenant"),
        ("a", "tenant"),
    ):
        for account, group in itertools.product(("x", "address:x", "a:account:x", "x:y"), ("sign-in", "code")):
            request: Any = RequestFactory().get("/")
            request.client_ip, request.host_kind = "192.0.2.1", kind
            request.tenant = tenant_id and type("Tenant", (), {"id": tenant_id})
            names.append(tries._keys(request, account, group)[1][0])
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "name",
    ["apex", "vendors", "vendor", "tenant", "public", "a:b", "a/b", "a.b", "A", "a_b", "-a", "ä" * 4],
)
def test_no_tenant_is_called_as_something_else_is(name: str) -> None:
    assert fault_of_tenant_id(name)


def test_limits_of_one_name_leave_others_alone() -> None:
    """Names are put together with a colon, which is in no id; so no two tenants' keys have one counter."""
    limiter = LocalLimiter()
    ids_ = ("a", "b", "requests", "checkouts", "vendor", "noted", "user")
    names = [f"{tenant}:requests:{key}" for tenant, key in itertools.product(ids_, ids_)]
    for name in names:
        assert limiter.take([Limit(name, 1, 3600)]).passed, name
        assert not limiter.take([Limit(name, 1, 3600)]).passed


def test_a_kept_answer_is_for_its_caller_alone(db: None) -> None:
    """The same Idempotency-Key by another key of the same tenant is another request."""
    site = sites.tenant(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        builders.granted(features=["f"])
        first, second = builders.tenant_key(), builders.tenant_key()
    body = {"product_id": cast.DAVINCI.id, "feature": "f", "action": "used", "quantity": 1}
    answers = [
        site.ask("POST", "/api/v1/usage/track", body, key=key, idempotency_key="the-same")
        for key in (first, second, first)
    ]
    assert len({answer.status_code for answer in answers}) == 1, answers[0].content
    if answers[0].status_code < 300:
        assert [answer.headers.get("Idempotency-Replayed", "") for answer in answers] == ["", "", "true"]
