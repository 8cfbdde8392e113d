"""Sealing: every committed entry gets one leaf, whoever commits in which order, whoever dies, however often it is tried."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from audit import events, leaves, positions, sealing, signing, trees
from audit.models import AuditEntry, LogKey, TreeHead, TreeLeaf, TreeNode
from audit.positions import Position
from audit.seals.models import SealDue, SealedUpTo
from cloudlicenses.kit import clock, merkle
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.observation import backlogs
from cloudlicenses.sealing import data_keys
from cloudlicenses.sealing.models import DataKey
from tenants import lifecycle
from tenants import sealing as logs
from tenants.context import acting_for, inside, platform
from tenants.ownership import owner_connection
from tests import builders, cast
from tests.locks import wait_until_somebody_waits

pytestmark = pytest.mark.usefixtures("committed")
LOG = "tenant/mercedes"
OTHERS_MAY_TAKE_SECONDS = 60
SEAL = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "cloudlicenses.settings.base"
django.setup()
from audit import sealing
sealing.PATIENCE_MS = 60_000
from tenants.sealing import seal_logs
seal_logs()
"""


def happen(count: int = 1, tenant_id: str = "mercedes") -> list[int]:
    with inside(tenant_id):
        return [events.record("key.issued", actor=SYSTEM, subject=("key", f"key-{n}")) for n in range(count)]


def sealed_ids(log: str = LOG) -> list[int]:
    return list(TreeLeaf.objects.filter(log=log).order_by("index").values_list("entry_id", flat=True))


def root_of_leaves(log: str = LOG) -> bytes:
    tree = merkle.Frontier()
    for digest in TreeLeaf.objects.filter(log=log).order_by("index").values_list("hash", flat=True):
        list(tree.add(bytes(digest)))
    return tree.root


def test_entries_become_leaves_in_order_and_the_head_is_signed() -> None:
    entries = happen(3)
    assert logs.seal_logs() >= 3
    with inside("mercedes"):
        assert sealed_ids() == entries
        head = trees.newest_head(LOG)
        assert head is not None
        assert (head.size, bytes(head.root)) == (3, root_of_leaves())
        leaf = TreeLeaf.objects.get(entry_id=entries[1])
        assert bytes(leaf.hash) == leaves.leaf_of(AuditEntry.objects.get(pk=entries[1]), LOG, bytes(leaf.salt))


def test_sealing_twice_adds_nothing() -> None:
    happen(2)
    logs.seal_logs()
    SealDue.objects.update(due_at=clock.now())
    assert logs.seal_logs() == 0
    with inside("mercedes"):
        assert (TreeLeaf.objects.count(), TreeHead.objects.count(), LogKey.objects.count()) == (2, 1, 1)


def test_each_log_has_its_own_entries_tree_and_key() -> None:
    happen(1)
    happen(2, "bmw")
    with acting_for(cast.VECTOR.id):
        events.record("product.added", actor=SYSTEM)
    with platform():
        events.record("master_key.rotated", actor=SYSTEM)
    logs.seal_logs()
    sizes = dict(TreeHead.objects.values_list("log", "size"))
    assert sizes == {"platform": 1, f"vendor/{cast.VECTOR.id}": 1}
    assert set(LogKey.objects.values_list("log", flat=True)) == set(sizes)
    for tenant_id, size in (("mercedes", 1), ("bmw", 2)):
        with inside(tenant_id):
            assert dict(TreeHead.objects.values_list("log", "size")) == {f"tenant/{tenant_id}": size}


def test_an_entry_that_commits_late_is_sealed_behind_those_that_overtook_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However late: its number is waited for until its transaction is over, and not for a time."""
    monkeypatch.setattr(positions, "PATIENCE_SECONDS", 0)
    written, overtaken = threading.Event(), threading.Event()

    def slow() -> None:
        with inside("mercedes"), transaction.atomic():
            events.record("slow.written", actor=SYSTEM)
            written.set()
            overtaken.wait(120)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(120)
    later = happen(2)
    SealDue.objects.filter(source="").delete()
    sealing.keep_watch_on(["mercedes"])
    for _ in range(3):
        _begin_another_transaction()
        seal_mercedes()
    with inside("mercedes"):
        assert sealed_ids() == later
    overtaken.set()
    thread.join()
    seal_mercedes()
    with inside("mercedes"):
        slow_id = AuditEntry.objects.get(event="slow.written").pk
        assert slow_id < later[0]
        assert sealed_ids() == [*later, slow_id]
    assert not any(first <= slow_id <= last for first, last, *_ in SealedUpTo.objects.get(source="mercedes").gaps)


def seal_mercedes() -> int:
    SealDue.objects.filter(source="mercedes").update(due_at=clock.now())
    return sealing.seal_due(inside=inside)


def test_numbers_that_were_rolled_back_are_waited_for_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> list[tuple[int, int]]:
        return [(first, last) for first, last, *_ in SealedUpTo.objects.get(source="mercedes").gaps]

    with pytest.raises(ZeroDivisionError), inside("mercedes"), transaction.atomic():
        events.record("never.happened", actor=SYSTEM)
        _ = 1 / 0
    entry = happen(1)[0]
    logs.seal_logs()
    assert missing() == [(1, entry - 1)]
    seal_mercedes()
    assert missing() == [(1, entry - 1)]  # not yet a minute
    monkeypatch.setattr(positions, "PATIENCE_SECONDS", 0)
    until = time.monotonic() + OTHERS_MAY_TAKE_SECONDS  # transactions in any database of the server are waited for
    while missing() and time.monotonic() < until:
        _begin_another_transaction()
        seal_mercedes()
    assert missing() == []


def _begin_another_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def test_many_at_once_seal_everything_once() -> None:
    happen(30)
    logs._watch()

    def work() -> None:
        for _ in range(3):
            logs.seal_logs()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    happen(10)
    for thread in threads:
        thread.join()
    seal_mercedes()
    with inside("mercedes"):
        assert sorted(sealed_ids()) == sorted(AuditEntry.objects.values_list("pk", flat=True))
        head = trees.newest_head(LOG)
        assert head is not None
        assert (head.size, bytes(head.root)) == (40, root_of_leaves())


def test_a_sealer_that_is_killed_at_its_last_line_has_done_nothing() -> None:
    """`kill -9` while it waits for a lock that it needs to write the head: entries and leaves before it are written by then."""
    happen(3)
    logs._watch()
    with owner_connection() as owner, owner.transaction():
        owner.execute("LOCK TABLE tenant_mercedes.audit_treehead IN EXCLUSIVE MODE")
        killed = subprocess.Popen([sys.executable, "-c", SEAL])
        wait_until_somebody_waits(could=lambda: killed.poll() is None)
        killed.kill()
        killed.wait()
    with inside("mercedes"):
        assert (TreeLeaf.objects.count(), TreeHead.objects.count(), LogKey.objects.count()) == (0, 0, 0)
    seal_mercedes()
    with inside("mercedes"):
        assert len(sealed_ids()) == 3


def test_a_log_longer_than_one_look_is_sealed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_AT_ONCE", 7)
    happen(20)
    for _ in range(3):
        logs.seal_logs()
    with inside("mercedes"):
        assert [head.size for head in TreeHead.objects.order_by("size")] == [7, 14, 20]


def test_kept_nodes_lead_to_the_same_roots_and_proofs_of_a_large_tree_take_two_queries() -> None:
    """A tree over three kept levels would take 16 million leaves; two are enough to pass the border twice."""
    digests = [merkle.leaf_hash(str(n).encode()) for n in range(66_000)]
    frontier = merkle.Frontier()
    known: dict[merkle.Node, bytes] = {}
    for digest in digests:
        known.update(frontier.add(digest))
    with inside("mercedes"), transaction.atomic():
        head = None
        for start in range(0, len(digests), 22_000):
            part = digests[start : start + 22_000]
            head = trees.append(LOG, [trees.Leaf(start + n, digest, b"") for n, digest in enumerate(part)], behind=head)
        assert head is not None
        assert bytes(head.root) == frontier.root
        assert sorted(set(TreeNode.objects.values_list("level", flat=True))) == [8, 16]
        for path in (merkle.inclusion_path(65_999, 66_000), merkle.inclusion_path(12_345, 66_000),
                     merkle.consistency_path(22_000, 66_000)):  # fmt: skip
            with CaptureQueriesContext(connection) as asked:
                found = trees.hashes(LOG, path)
            assert len(asked) <= 2
            assert found == [merkle.hash_of(span, known) for span in path]


def test_sealing_takes_as_many_queries_for_many_entries_as_for_few() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            seal_mercedes()
        return len(asked)

    happen(3)
    logs.seal_logs()
    happen(2)
    few = queries()
    happen(200)
    assert queries() == few <= 22


def happen_elsewhere() -> None:
    happen(1)
    connections.close_all()


def test_writing_brings_the_next_look_forward_and_waits_for_nobody() -> None:
    logs.seal_logs()
    later = clock.now() + timedelta(minutes=30)
    SealDue.objects.filter(source="mercedes").update(due_at=later, idle_looks=9)
    with transaction.atomic():
        SealDue.objects.select_for_update().get(source="mercedes")
        thread = threading.Thread(target=happen_elsewhere)
        thread.start()
        thread.join(OTHERS_MAY_TAKE_SECONDS)
        assert not thread.is_alive()
    happen(1)
    assert SealDue.objects.get(source="mercedes").due_at <= clock.now()


def test_a_tenant_whose_log_cannot_be_sealed_holds_up_no_other() -> None:
    happen(1)
    happen(1, "bmw")
    with owner_connection() as owner, owner.transaction():
        owner.execute("LOCK TABLE tenant_bmw.audit_treeleaf IN ACCESS EXCLUSIVE MODE")
        logs.seal_logs()
    with inside("mercedes"):
        assert len(sealed_ids()) == 1
    held_up = SealDue.objects.get(source="bmw")
    assert held_up.due_at > clock.now() + timedelta(seconds=30)
    assert held_up.failing_since is not None
    SealDue.objects.filter(source="bmw").update(due_at=clock.now())
    assert logs.seal_logs() >= 1
    assert SealDue.objects.get(source="bmw").failing_since is None


def test_a_tenant_whose_keys_do_not_open_holds_up_no_other() -> None:
    """The master key that wraps its data key is not known here: of all that are due, it is the first, again and again."""
    happen(1)
    happen(1, "bmw")
    logs.seal_logs()
    happen(1)
    happen(1, "bmw")
    with platform():
        DataKey.objects.filter(owner="tenant:bmw").update(wrapped=bytes(60))
    data_keys._open.forget_all()
    signing._opened.forget_all()
    SealDue.objects.filter(source="bmw").update(due_at=clock.now() - timedelta(hours=1))
    SealDue.objects.filter(source="mercedes").update(due_at=clock.now())
    logs.seal_logs()
    with inside("mercedes"):
        assert len(sealed_ids()) == 2
    assert SealDue.objects.get(source="bmw").failing_since is not None


def test_a_log_that_misses_leaves_is_seen_to_wait_all_the_time() -> None:
    happen(3)
    logs.seal_logs()
    with owner_connection() as owner:
        owner.execute("DELETE FROM tenant_mercedes.audit_treeleaf")
    happen(1)
    seal_mercedes()
    first = SealDue.objects.get(source="mercedes").failing_since
    assert first is not None
    seal_mercedes()
    assert SealDue.objects.get(source="mercedes").failing_since == first
    waiting = {one.name: one.rows for one in backlogs.what_waits()}
    assert waiting["logs_to_seal"] == 1 + SealDue.objects.filter(due_at__lte=clock.now()).count()


def test_a_deleted_tenant_is_sealed_no_more() -> None:
    logs.seal_logs()
    with platform(), transaction.atomic():
        lifecycle._say_goodbye("bmw", builders.actor("operator"))
    logs.seal_logs()
    assert not SealDue.objects.filter(source="bmw").exists()


def test_an_empty_position_passes_over_nothing() -> None:
    entries = happen(2)
    with inside("mercedes"):
        found, behind = positions.look(Position(), 10)
        assert found == entries
        assert positions.look(behind, 10)[0] == []
