"""A log that nobody bent is found good: whole or in part, with what waits, what was erased by right, and keys that were changed."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from audit import events, leaves, sealing, signing, trees
from audit.models import AuditEntry, TreeHead, TreeLeaf
from tenants.context import inside
from tests import builders, cast
from tests.audit.conftest import LOG, Auditor, bend, happen, index_of, number

pytestmark = pytest.mark.usefixtures("committed")


def test_a_log_that_nobody_bent_is_good(auditor: Auditor) -> None:
    happen(5)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    earlier = auditor.export("earlier.jsonl")
    happen(4)
    report = auditor.verify(auditor.export(), "--head", kept, "--earlier", earlier)
    assert report["findings"] == []
    assert report["leaves"] == index_of(happen(1)[0])


@pytest.mark.parametrize(("start", "end"), [(0, 3), (2, 7), (5, 12), (3, 4), (4, 4)])
def test_any_part_of_a_log_can_be_checked(start: int, end: int, auditor: Auditor) -> None:
    happen(10)
    report = auditor.verify(auditor.export(start=start, end=end))
    assert (report["findings"], report["leaves"]) == ([], end - start)


def test_whole_feeds_may_be_kept(auditor: Auditor) -> None:
    for _ in range(3):
        happen(2)
    feed = auditor.fetch("feed.json", "/api/v1/audit/heads")
    assert len(json.loads(feed.read_text())["data"]) >= 3
    happen(2)
    assert auditor.found("--head", feed) == set()


def test_what_is_personal_in_an_entry_can_be_erased_and_the_tree_stays_good(auditor: Auditor) -> None:
    entries = happen(5)
    with inside(cast.MERCEDES.id):
        entry, leaf = AuditEntry.objects.get(pk=number(entries[2])), TreeLeaf.objects.get(entry_id=number(entries[2]))
        kept = leaves.commitment(entry, bytes(leaf.salt)).hex()
    bend(
        "UPDATE audit_auditentry SET actor_id = '', actor_label = '', subject_id = '', ip = NULL, hostname = '', fingerprint = '',"
        f" user_agent = '', facts = '{{}}' WHERE id = {entry.pk}",
        f"UPDATE audit_treeleaf SET salt = NULL, erased = '\\x{kept}' WHERE entry_id = {entry.pk}",
    )
    report = auditor.verify(auditor.export())
    assert report["findings"] == []
    assert report["notes"] == ["The personal part of 1 entries was erased; the rest is as it was sealed."]


def aged(entries: list[str], *hours: float) -> None:
    """Before they are sealed: when they were written."""
    for entry, ago in zip(entries, hours, strict=True):
        bend(f"UPDATE audit_auditentry SET at = at - interval '{ago * 60} minutes' WHERE id = {number(entry)}")


def written(count: int) -> list[str]:
    with inside(cast.MERCEDES.id):
        return [f"evt-{events.record('key.issued', actor=builders.actor())}" for _ in range(count)]


def test_what_was_committed_late_is_not_called_backdated(auditor: Auditor) -> None:
    """A job's transaction took 55 minutes, and its entry is sealed behind those of others."""
    happen(3)
    aged(written(2), 55 / 60, 0)
    happen(2)
    assert auditor.found() == set()


def test_a_log_that_waited_for_a_day_is_good_once_it_is_sealed(
    auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of it than one look takes: so heads are signed long after entries that come only behind them."""
    monkeypatch.setattr(sealing, "MOST_AT_ONCE", 2)
    with inside(cast.MERCEDES.id):
        newest = TreeHead.objects.filter(log=LOG).latest("size").size
        oldest = AuditEntry.objects.order_by("pk").values_list("pk", flat=True)
        everything = [f"evt-{pk}" for pk in oldest]
    assert newest == len(everything)
    bend("DELETE FROM audit_treehead", "DELETE FROM audit_treenode", "DELETE FROM audit_treeleaf")
    bend("DELETE FROM public.audit_sealedupto WHERE source = 'mercedes'")
    later = written(6)
    aged(everything, *[30.0] * len(everything))
    aged(later, 24, 20, 16, 8, 4, 0)
    for _ in range(4):
        happen(0)
    with inside(cast.MERCEDES.id):
        assert TreeHead.objects.filter(log=LOG).count() >= 3
    assert auditor.found() == set()


def test_an_entry_written_just_now_only_waits(auditor: Auditor) -> None:
    happen(2)
    with inside(cast.MERCEDES.id):
        events.record("key.issued", actor=builders.actor())
    report = auditor.verify(auditor.export())
    assert (report["findings"], report["notes"]) == ([], ["1 new entries wait to be sealed."])


def test_a_part_that_cannot_tell_of_a_kept_head_says_so(auditor: Auditor) -> None:
    happen(3)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    size = json.loads(kept.read_text())["size"]
    happen(5)
    assert {one["kind"] for one in auditor.verify(auditor.export(start=size + 1), "--head", kept)["findings"]} == {
        "unchecked"
    }
    assert auditor.verify(auditor.export(start=size), "--head", kept)["ok"]


def test_heads_signed_before_a_new_key_stay_good(auditor: Auditor) -> None:
    happen(3)
    with inside(cast.MERCEDES.id), transaction.atomic():
        signing.rotate(LOG)
    happen(3)
    assert "unsigned" in {kind for kind, _ in auditor.found()}  # the pinned keys don't hold the new one
    auditor.fetch("keys.json", "/.well-known/audit-keys.json")
    assert auditor.found() == set()
    with inside(cast.MERCEDES.id):
        assert trees.newest_head(LOG).kid != TreeHead.objects.order_by("size").first().kid
