"""A log's keys have their times: each head is signed in its key's own, a rotation waits for whoever signs, others are refused."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit import signing
from audit.models import AuditEntry, LogKey, TreeHead
from cloudlicenses.kit import clock
from cloudlicenses.rotation import signing as rotation
from tenants import context
from tenants.context import inside
from tests import builders, cast
from tests.at_once import at_once
from tests.audit.conftest import LOG, Auditor, bend, happen

pytestmark = pytest.mark.usefixtures("committed")
KEYS = "/.well-known/audit-keys.json"
OPERATOR = builders.actor("operator")
SHORT, LONG = 0.5, 120


def rotate(owner: str = f"log:{LOG}") -> str:
    with context.platform():
        return rotation.rotate(owner, actor=OPERATOR)[0]


def keys_in(file: Path) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(file.read_text())["keys"]
    return keys


def test_the_feed_shows_each_key_with_its_time(auditor: Auditor) -> None:
    former = keys_in(auditor.fetch("keys.json", KEYS))
    assert [key["valid_until"] for key in former] == [None]
    happen(1)
    new = rotate()
    happen(1)
    keys = keys_in(auditor.fetch("keys.json", KEYS))
    assert [key["kid"] for key in keys] == [new, former[0]["kid"]]
    assert keys[1]["valid_until"] == keys[0]["valid_from"]
    assert (keys[0]["valid_until"], keys[1]["valid_from"]) == (None, former[0]["valid_from"])
    assert auditor.found() == set()


def test_what_is_proved_by_a_former_key_stays_proved(auditor: Auditor) -> None:
    happen(3)
    kept = auditor.fetch("head.json", "/api/v1/audit/head")
    earlier = auditor.export("earlier.jsonl")
    rotate()
    happen(3)
    rotate()
    happen(3)
    auditor.fetch("keys.json", KEYS)
    assert auditor.verify(earlier)["ok"]
    assert auditor.found("--head", kept, "--earlier", earlier) == set()
    with inside(cast.MERCEDES.id):
        assert len({head.kid for head in TreeHead.objects.all()}) == 3


def test_a_head_that_a_former_key_signs_after_its_time_is_refused(auditor: Auditor) -> None:
    """Whoever got hold of a key that was rotated for that, and of the database: the server itself signs with it."""
    happen(1)
    former = keys_in(auditor.fetch("keys.json", KEYS))[0]["kid"]
    new = rotate()
    happen(1)
    auditor.fetch("keys.json", KEYS)
    bend(
        f"UPDATE audit_logkey SET retired_at = clock_timestamp() WHERE kid = '{new}'",
        f"UPDATE audit_logkey SET retired_at = NULL WHERE kid = '{former}'",
    )
    happen(1)
    [finding] = auditor.verify(auditor.export())["findings"]
    assert finding["kind"] == "unsigned"
    assert f"signed by the key {former}, whose time that was not" in finding["text"]


def test_a_head_that_claims_a_time_before_its_key_is_refused(auditor: Auditor) -> None:
    happen(1)
    rotate()
    with inside(cast.MERCEDES.id), transaction.atomic():
        long_ago, head = clock.now() - timedelta(days=30), TreeHead.objects.latest("size")
        signer = signing.signers_of([LOG])[LOG]
        signature = signer.sign(signing.statement(LOG, head.size, bytes(head.root), long_ago))
    bend(
        f"UPDATE audit_treehead SET kid = '{signer.kid}', at = '{long_ago.isoformat()}', signature = '\\x{signature.hex()}'"
        f" WHERE size = {head.size}"
    )
    auditor.fetch("keys.json", KEYS)
    assert {kind for kind, _ in auditor.found()} == {"unsigned"}


def test_a_rotation_waits_for_whoever_is_signing(auditor: Auditor) -> None:
    rotated = threading.Event()

    def other() -> None:
        rotate()
        rotated.set()
        connections.close_all()

    thread = threading.Thread(target=other)
    with inside(cast.MERCEDES.id), transaction.atomic():
        signer = signing.signers_of([LOG])[LOG]
        thread.start()
        assert not rotated.wait(SHORT)
        at = signer.now()
    assert rotated.wait(LONG)
    thread.join(LONG)
    with inside(cast.MERCEDES.id):
        former = LogKey.objects.get(kid=signer.kid)
    assert former.retired_at is not None
    assert at < former.retired_at


def test_several_at_once_make_one_first_key_and_one_next(auditor: Auditor) -> None:
    def sign() -> str:
        with context.platform(), transaction.atomic():
            return signing.signers_of(["bill/new"])["bill/new"].kid

    assert len(set(at_once(*[sign] * 4))) == 1
    at_once(*[rotate] * 3)
    with inside(cast.MERCEDES.id):
        keys = list(LogKey.objects.filter(log=LOG).order_by("created_at"))
    assert all(one.retired_at == other.created_at for one, other in pairwise(keys))
    assert keys[-1].retired_at is None


def test_a_machine_whose_clock_is_behind_signs_in_the_keys_time_still(
    auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(1)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) - timedelta(minutes=10))
    rotate()
    happen(1)
    auditor.fetch("keys.json", KEYS)
    assert auditor.found() == set()


def test_it_is_recorded_in_the_log_itself(auditor: Auditor) -> None:
    kid = rotate()
    with inside(cast.MERCEDES.id):
        [entry] = AuditEntry.objects.filter(event="signing_key.rotated")
    assert (entry.actor_label, entry.subject_id, entry.facts) == (OPERATOR.label, f"log:{LOG}", {"kids": [kid]})


@pytest.mark.parametrize("owner", ["log:platform", f"log:vendor/{cast.VECTOR.id}", f"bill:{cast.VECTOR.id}"])
def test_the_platforms_and_vendors_logs_and_bills_have_keys_of_their_own(owner: str) -> None:
    call_command("rotate_signing_key", owner)
    with context.platform():
        [key] = LogKey.objects.filter(log=owner.removeprefix("log:").replace(":", "/"), retired_at=None)
        [entry] = AuditEntry.objects.filter(event="signing_key.rotated")
    assert entry.facts == {"kids": [key.kid]}
    assert entry.vendor_id == ("" if owner == "log:platform" else cast.VECTOR.id)


@pytest.mark.parametrize("owner", ["log:tenant/nobody", "log:vendor/nobody", "log:moon", "bill:nobody", "moon"])
def test_what_signs_nothing_is_refused(owner: str) -> None:
    with pytest.raises(CommandError, match="not_found"):
        call_command("rotate_signing_key", owner)
