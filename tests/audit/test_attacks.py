"""Whoever owns the database bends the log; whoever has an export, the public keys and perhaps an older head finds out, and what.

Each attack is done as the database's superuser; the export comes over HTTP, and is checked by the tool that auditors have
(sdks/python), which sees nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from audit import leaves, signing, trees
from audit.models import AuditEntry, TreeHead, TreeLeaf
from cloudlicenses.kit import merkle
from tenants.context import inside
from tests import cast
from tests.audit.conftest import LOG, Auditor, bend, happen, index_of, number

pytestmark = pytest.mark.usefixtures("committed")


def test_a_changed_entry_is_named(auditor: Auditor) -> None:
    entries = happen(6)
    bend(f"UPDATE audit_auditentry SET actor_label = 'somebody else' WHERE id = {number(entries[2])}")
    assert auditor.found() == {("changed", entries[2])}
    bend(f"UPDATE audit_auditentry SET at = at - interval '1 day' WHERE id = {number(entries[4])}")
    assert auditor.found() == {("changed", entries[2]), ("changed", entries[4])}


def test_a_removed_entry_is_named(auditor: Auditor) -> None:
    entries = happen(6)
    bend(f"DELETE FROM audit_auditentry WHERE id = {number(entries[3])}")
    assert auditor.found() == {("removed", entries[3])}


def test_an_entry_removed_with_its_leaf_is_missed(auditor: Auditor) -> None:
    entries = happen(6)
    bend(
        f"DELETE FROM audit_auditentry WHERE id = {number(entries[3])}",
        f"DELETE FROM audit_treeleaf WHERE entry_id = {number(entries[3])}",
    )
    report = auditor.verify(auditor.export())
    assert [one["kind"] for one in report["findings"]] == ["removed"]
    assert f"{entries[2]} is followed by {entries[4]}" in report["findings"][0]["text"]


def test_an_entry_removed_without_a_trace_is_found_between_two_heads_and_named_by_an_earlier_export(
    auditor: Auditor,
) -> None:
    """Entry and leaf go, and all that follow move up."""
    entries = happen(4)
    middle = happen(4)
    happen(4)
    earlier = auditor.export("earlier.jsonl")
    gone, index = number(middle[1]), index_of(middle[1])
    bend(
        f"DELETE FROM audit_auditentry WHERE id = {gone}",
        f"DELETE FROM audit_treeleaf WHERE entry_id = {gone}",
        f"UPDATE audit_treeleaf SET index = -index WHERE index > {index}",
        "UPDATE audit_treeleaf SET index = -index - 1 WHERE index < 0",
    )
    report = auditor.verify(auditor.export(), "--earlier", earlier)
    rewritten = next(one["text"] for one in report["findings"] if one["kind"] == "rewritten")
    assert f"{middle[0]} to" in rewritten
    assert entries[-1] not in rewritten
    assert ("removed", middle[1]) in {(one["kind"], one["entry"]) for one in report["findings"]}


def test_a_tree_with_holes_proves_nothing_and_grows_no_more_but_others_do(auditor: Auditor) -> None:
    entries = happen(6)
    bend(f"DELETE FROM audit_treeleaf WHERE entry_id = {number(entries[4])}")
    answer = auditor.site.ask("GET", f"/api/v1/audit/proof?entry={entries[0]}", key=auditor.key)
    assert (answer.status_code, answer.json()["code"]) == (409, "log_damaged")
    happen(1)
    with inside(cast.MERCEDES.id):
        size = trees.newest_head(LOG).size
    happen(1)
    with inside(cast.MERCEDES.id):
        assert trees.newest_head(LOG).size == size
    assert ("removed", "") in auditor.found()


def test_an_entry_that_was_put_in_is_named(auditor: Auditor) -> None:
    """In the place of a number that was rolled back, as it would have been written an hour ago."""
    entries = happen(6)
    bend(
        "INSERT INTO audit_auditentry SELECT 999999999, event, at - interval '1 hour', result, code, actor_kind, actor_id,"
        " actor_label, subject_kind, subject_id, vendor_id, key_id, ip, hostname, fingerprint, user_agent, request_id, facts"
        f" FROM audit_auditentry WHERE id = {number(entries[0])}"
    )
    assert auditor.found() == {("inserted", "evt-999999999")}


COLUMNS = (
    "result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id, key_id, ip, hostname, fingerprint,"
    " user_agent, request_id, facts"
)


def put_in(like: str, at: str) -> str:
    """An entry that never was, with the next number, as a copy of another but for its date; and what it is called."""
    with inside(cast.MERCEDES.id):
        follows = AuditEntry.objects.latest("pk").pk + 1
    bend(
        f"INSERT INTO audit_auditentry (event, at, {COLUMNS}) SELECT 'key.revoked', {at}, {COLUMNS}"
        f" FROM audit_auditentry WHERE id = {number(like)}"
    )
    with inside(cast.MERCEDES.id):
        made = AuditEntry.objects.latest("pk").pk
    assert made >= follows
    return f"evt-{made}"


@pytest.mark.parametrize("age", ["61 minutes", "1 day", "10 years"])
def test_an_entry_that_is_put_in_with_an_old_date_and_sealed_is_named(age: str, auditor: Auditor) -> None:
    """Its number, its leaf and its head are genuine; its date is not."""
    entries = happen(4)
    forged = put_in(entries[0], f"clock_timestamp() - interval '{age}'")
    happen(0)
    assert index_of(forged) > index_of(entries[3])
    happen(3)
    assert auditor.found() == {("backdated", forged)}
    (finding,) = auditor.verify(auditor.export())["findings"]
    assert f"it came after {entries[3]} on " in finding["text"]


def test_nor_is_it_hidden_at_the_beginning_of_a_part(auditor: Auditor) -> None:
    """Who checks each day what is new has the head of the day before."""
    entries = happen(4)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    size = json.loads(kept.read_text())["size"]
    forged = put_in(entries[0], "clock_timestamp() - interval '1 day'")
    happen(2)
    part = auditor.export(start=size)
    assert [(one["kind"], one["entry"]) for one in auditor.verify(part, "--head", kept)["findings"]] == [
        ("backdated", forged)
    ]


def test_a_date_in_the_future_is_named_and_makes_nothing_honest_look_old(auditor: Auditor) -> None:
    entries = happen(2)
    forged = put_in(entries[0], "clock_timestamp() + interval '1 day'")
    happen(2)
    assert auditor.found() == {("postdated", forged)}


def test_swapped_entries_are_named(auditor: Auditor) -> None:
    """Two entries exchange their numbers: each is where the other was."""
    entries = happen(6)
    one, other = number(entries[1]), number(entries[4])
    bend(
        f"UPDATE audit_auditentry SET id = -1 WHERE id = {one}",
        f"UPDATE audit_auditentry SET id = {one} WHERE id = {other}",
        f"UPDATE audit_auditentry SET id = {other} WHERE id = -1",
    )
    assert auditor.found() == {("changed", entries[1]), ("changed", entries[4])}


def test_swapped_leaves_are_found(auditor: Auditor) -> None:
    """With all that belongs to them: each leaf is right, their order is not."""
    entries = happen(6)
    earlier = auditor.export("earlier.jsonl")
    one, other = index_of(entries[1]), index_of(entries[3])
    bend(
        f"UPDATE audit_treeleaf SET index = -1 WHERE index = {one}",
        f"UPDATE audit_treeleaf SET index = {one} WHERE index = {other}",
        f"UPDATE audit_treeleaf SET index = {other} WHERE index = -1",
    )
    assert {kind for kind, _ in auditor.found()} == {"rewritten", "reordered"}
    assert {("reordered", entries[1]), ("reordered", entries[3])} < auditor.found("--earlier", earlier)


@transaction.atomic
def resealed(log: str = LOG) -> None:
    """The tree made anew over the entries as they are now: what somebody can do who has all of the database."""
    bend("DELETE FROM audit_treehead", "DELETE FROM audit_treenode")
    with inside(cast.MERCEDES.id):
        tree, rows = merkle.Frontier(), list(TreeLeaf.objects.filter(log=log).order_by("index"))
        entries = AuditEntry.objects.in_bulk([row.entry_id for row in rows])
        for row in rows:
            digest = leaves.leaf_of(entries[row.entry_id], log, bytes(row.salt))
            list(tree.add(digest))
            bend(f"UPDATE audit_treeleaf SET hash = '\\x{digest.hex()}' WHERE index = {row.index}")
        signer = signing.signers_of([log])[log]
        at = signer.now()
        signature = signer.sign(signing.statement(log, tree.size, tree.root, at))
        TreeHead.objects.create(log=log, size=tree.size, root=tree.root, at=at, kid=signer.kid, signature=signature)


def test_a_tree_written_anew_without_the_logs_key_is_not_signed(auditor: Auditor) -> None:
    """A stolen database holds the key sealed only: whoever has just that signs with another."""
    entries = happen(6)
    bend(
        f"UPDATE audit_auditentry SET event = 'nothing.happened' WHERE id = {number(entries[2])}",
        "DELETE FROM audit_logkey",
    )
    resealed()
    assert {kind for kind, _ in auditor.found()} == {"unsigned"}


def test_entries_and_tree_written_anew_and_signed_are_found_by_a_head_that_a_witness_kept(auditor: Auditor) -> None:
    """Database, master key and all: the log of now is in itself good, but it is not the one that the witness saw."""
    entries = happen(6)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    earlier = auditor.export("earlier.jsonl")
    happen(3)
    bend(f"UPDATE audit_auditentry SET event = 'nothing.happened' WHERE id = {number(entries[2])}")
    resealed()
    assert auditor.found() == set()  # nobody can tell from this alone
    assert {kind for kind, _ in auditor.found("--head", kept)} == {"rewritten"}
    assert ("changed", entries[2]) in auditor.found("--earlier", earlier)


def test_a_log_that_was_cut_off_is_found_by_a_head_that_a_witness_kept(auditor: Auditor) -> None:
    happen(4)
    entries = happen(4)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    first = index_of(entries[0])
    bend(
        f"DELETE FROM audit_auditentry WHERE id >= {number(entries[0])}",
        f"DELETE FROM audit_treeleaf WHERE index >= {first}",
        f"DELETE FROM audit_treehead WHERE size > {first}",
    )
    assert auditor.found() == set()
    assert {kind for kind, _ in auditor.found("--head", kept)} == {"cut"}


@pytest.mark.parametrize(
    "forge",
    [
        lambda lines: [line | {"size": line["size"] + 1} if line["type"] == "head" else line for line in lines],
        lambda lines: [line | {"at": "2020-01-01T00:00:00Z"} if line["type"] == "head" else line for line in lines],
        lambda lines: [line for line in lines if line["type"] != "head"],
    ],
    ids=["size", "time", "none"],
)
def test_a_forged_head_is_no_head(forge: Callable[[list[Any]], list[Any]], auditor: Auditor) -> None:
    happen(3)
    file = auditor.export()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("\n".join(map(json.dumps, forge(lines))))
    assert {one["kind"] for one in auditor.verify(file)["findings"]} == {"unsigned"}


def test_lines_of_a_file_that_stand_elsewhere_or_nowhere_are_named(auditor: Auditor) -> None:
    entries = happen(5)
    file = auditor.export()
    lines = file.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if f'"{entries[2]}"' in line)
    swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
    file.write_text("\n".join(swapped))
    assert auditor.verify(file)["findings"][0]["kind"] == "removed"
    file.write_text("\n".join(lines[:at] + lines[at - 1 :]))
    assert auditor.verify(file)["findings"][0]["kind"] == "reordered"
    file.write_text("\n".join(line for line in lines if '"leaf"' not in line or f'"{entries[4]}"' not in line))
    assert "removed" in {one["kind"] for one in auditor.verify(file)["findings"]}
