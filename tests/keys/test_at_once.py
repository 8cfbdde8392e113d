"""A key that is changed from two sides at one instant: one successor, one report of a leak, one answer to a request sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from keys import issuing, leaks, queries, recognising
from keys.models import ApiKey
from keys.refusals import KeyReplaced
from tenants.context import inside
from tests import builders
from tests.at_once import at_once

pytestmark = pytest.mark.usefixtures("committed")


def key_of(text: str) -> ApiKey:
    return ApiKey.objects.get(pk=recognising.find(text, recognising.APPLICATION).id)


def made() -> str:
    with inside("mercedes"):
        return builders.tenant_key()


def rotate(text: str) -> str:
    with inside("mercedes"):
        return issuing.rotate(SYSTEM, key_of(text).pk).text


def test_of_two_who_rotate_a_key_one_makes_its_successor() -> None:
    text = made()
    outcomes = at_once(*[lambda: rotate(text)] * 4)
    assert sorted(outcomes)[1:] == ["key_replaced"] * 3
    with inside("mercedes"):
        successor = key_of(min(outcomes))
        assert ApiKey.objects.count() == 2
        assert key_of(text).replaced_by == successor.pk


def test_a_successor_is_as_unbounded_as_its_predecessor_and_only_it_can_be_rotated() -> None:
    text = made()
    first = rotate(text)
    with inside("mercedes"), pytest.raises(KeyReplaced) as refused:
        issuing.rotate(SYSTEM, key_of(text).pk)
    second = rotate(first)
    with inside("mercedes"):
        assert refused.value.facts == {"replaced_by": key_of(first).pk}
        assert [queries.state_of(key_of(one)) for one in (text, first, second)] == ["rotated", "rotated", "active"]
        assert key_of(second).expires_at is None
        assert key_of(first).expires_at <= clock.now() + timedelta(hours=24)


def test_a_leak_that_is_reported_by_many_at_once_is_one_leak() -> None:
    text = made()
    outcomes = at_once(*[lambda: leaks.revoke(text, found_at="https://paste.example/1", actor=SYSTEM)] * 4)
    assert sorted(outcomes) == [False, False, False, True]
    with inside("mercedes"):
        assert AuditEntry.objects.filter(event__in=("key.revoked", "key.leaked")).count() == 2


def test_a_key_that_is_rotated_and_revoked_at_once_leaves_no_living_predecessor() -> None:
    text = made()
    with inside("mercedes"):
        key_id = key_of(text).pk

    def revoke() -> str:
        with inside("mercedes"):
            return str(issuing.revoke(SYSTEM, key_id).pk)

    outcomes = at_once(lambda: rotate(text), revoke)
    with inside("mercedes"):
        assert key_of(text).revoked_at
        assert ApiKey.objects.count() == (1 if outcomes[0] == "not_found" else 2)
