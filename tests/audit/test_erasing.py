"""Somebody is erased from a sealed log: nothing of them is left, whatever the log proves it proves still, and others stay."""

from __future__ import annotations

import json

import pytest

from accounts import erasing, people
from accounts.models import Role, User
from audit import events, proofs
from audit.models import AuditEntry, TreeLeaf
from cloudlicenses.kit.actor import Actor
from tenants import context, sealing
from tenants.context import inside
from tests import builders, cast
from tests.audit.conftest import LOG, Auditor, bend, happen

pytestmark = pytest.mark.usefixtures("committed")
BEN = "ben@mercedes-benz.com"
OPERATOR = Actor(kind="operator", id="root", label="root at the command line")


@pytest.fixture
def ben() -> User:
    """Has been here, done things, and gone."""
    with inside(cast.MERCEDES.id):
        user = builders.person(BEN, role=Role.LICENSE_ADMIN)
        acting = Actor(kind="user", id=str(user.pk), label=BEN, ip="10.0.7.7", user_agent="Ben's browser")
        events.record("key.issued", actor=acting, subject=("key", "key-1"), app_name="Ben's laptop")
        events.record("user.invited", actor=builders.actor(), subject=("user", str(user.pk)), email=BEN.upper())
        events.record("alert.raised", actor=builders.actor(), deep={"list": [{"told": BEN}]})
        events.record("license.checked_out", actor=builders.actor("key", id="key-1"), user="bthe")
        people.deactivate(str(user.pk), actor=builders.actor())
    return user


def erase(*also: str) -> erasing.Erased:
    with inside(cast.MERCEDES.id):
        number = str(User.objects.get(email=BEN).pk)
    return erasing.erase([BEN, *also], user_id=number, tenant_id=cast.MERCEDES.id, actor=OPERATOR)


def everything() -> str:
    """All that the log's tables hold, as text."""
    with inside(cast.MERCEDES.id):
        return json.dumps([*AuditEntry.objects.values(), *TreeLeaf.objects.values()], default=str).lower()


def test_nothing_of_them_is_left_and_the_log_is_good(auditor: Auditor, ben: User) -> None:
    happen(3)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    erased = erase("bthe")
    assert (erased.log, erased.entries, erased.waiting, erased.changed) == (LOG, 5, 0, 0)
    for said in (BEN, "ben's", "10.0.7.7", "bthe"):
        assert said not in everything()
    assert "anna@mercedes-benz.com" in everything()
    happen(1)
    report = auditor.verify(auditor.export(), "--head", kept)
    assert report["findings"] == []
    assert report["notes"] == ["The personal part of 5 entries was erased; the rest is as it was sealed."]


def test_an_erased_entry_is_proved_still_and_says_that_it_was_erased(ben: User) -> None:
    happen(1)
    with inside(cast.MERCEDES.id):
        entry = AuditEntry.objects.get(event="key.issued", actor_label=BEN).pk
        before = proofs.of_entry(LOG, entry)
    erase()
    with inside(cast.MERCEDES.id):
        after = proofs.of_entry(LOG, entry, before["head"]["size"])
    assert [after[name] for name in ("leaf", "path", "head")] == [before[name] for name in ("leaf", "path", "head")]
    assert after["erased"]
    assert "salt" not in after
    assert "actor_label" not in after["entry"]


def test_it_is_recorded_without_a_name_and_done_once(ben: User) -> None:
    happen(1)
    assert erase().entries == 4
    with inside(cast.MERCEDES.id):
        [recorded] = AuditEntry.objects.filter(event="log.erased")
    assert (recorded.actor_label, recorded.facts) == (OPERATOR.label, {"named": 4})
    assert erase().entries == 0, "what was erased names nobody"


def test_what_is_not_sealed_yet_waits_until_it_is(ben: User) -> None:
    first = erase()
    assert (first.entries, first.waiting) == (0, 4)
    happen(0)
    assert erase().entries == 4


def test_an_entry_that_somebody_bent_is_evidence_and_stays(auditor: Auditor, ben: User) -> None:
    happen(1)
    bend(f"UPDATE audit_auditentry SET code = 'bent' WHERE actor_label = '{BEN}'")
    erased = erase()
    assert (erased.entries, erased.changed) == (3, 1)
    assert {kind for kind, _ in auditor.found()} == {"changed"}


def test_a_vendors_and_the_platforms_logs_are_each_erased_by_themselves() -> None:
    for vendor_id in (cast.VECTOR.id, cast.GREENHILLS.id, ""):
        events.record("thing.done", actor=builders.actor(id=BEN), vendor_id=vendor_id)
    sealing.seal_logs()
    erased = erasing.erase([BEN], vendor_id=cast.VECTOR.id, actor=OPERATOR)
    assert (erased.log, erased.entries, erased.waiting, erased.changed) == ("vendor/vector-de", 1, 0, 0)
    with context.platform():
        left = AuditEntry.objects.filter(event="thing.done", actor_label=BEN).values_list("vendor_id", flat=True)
        assert sorted(left) == ["", cast.GREENHILLS.id]
    erasing.erase([BEN], actor=OPERATOR)
    with context.platform():
        assert [entry.vendor_id for entry in AuditEntry.objects.filter(actor_label=BEN)] == [cast.GREENHILLS.id]
