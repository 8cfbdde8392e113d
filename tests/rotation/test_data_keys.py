"""A new data key: it seals from now on, all that the former one has sealed is brought to it, and the former one is destroyed."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from billing.models import WebhookEndpoint
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.rotation import overview, resealing, rotating, sweeping
from cloudlicenses.rotation.refusals import RotationUnderWay
from cloudlicenses.sealing import data_keys
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web import idempotency
from keys import signing
from keys.models import SigningKey
from tenants.context import acting_for, inside
from tests import builders, cast
from tests.almost import one_bit_off

VENDOR, TENANT = f"vendor:{cast.VECTOR.id}", "tenant:mercedes"
COLUMNS = {"sealed_secret": b"whsec_new", "sealed_former_secret": b"whsec_old", "authorization": b"token"}


def endpoint(endpoint_id: str, vendor_id: str = cast.VECTOR.id) -> WebhookEndpoint:
    made = WebhookEndpoint(
        id=endpoint_id, vendor_id=vendor_id, url="https://x.example", events=[], created_at=clock.now()
    )
    with transaction.atomic():
        for column, secret in COLUMNS.items():
            setattr(made, column, seal(made, column, secret))
        made.save(force_insert=True)
    return made


def answer(name: str) -> None:
    idempotency.answer_once(caller="user:1", key=name, request_digest="d", produce=lambda: (201, {"shown": name}))


def key_ids(owner: str) -> set[bytes]:
    """Of the keys that have sealed this owner's values, as they are stored."""
    with resealing.scope_of(owner):
        return {
            bytes(text)[1:17]
            for model, column in resealing.columns_of(owner)
            for text in model._default_manager.values_list(column, flat=True)
            if text
        }


def in_use(owner: str) -> DataKey:
    return overview.keys_in_use().get(owner=owner)


def an_hour_later() -> None:
    DataKey.objects.exclude(emptied_at=None).update(emptied_at=clock.now() - resealing.KEPT_AFTER_EMPTIED * 2)


@pytest.mark.usefixtures("db")
def test_all_that_a_vendor_has_is_brought_to_the_new_key() -> None:
    for number in range(3):
        endpoint(f"wh_{number}")
    of_others = endpoint("wh_x", cast.GREENHILLS.id)
    former, stolen = in_use(VENDOR), WebhookEndpoint.objects.get(pk="wh_0")
    assert rotating.begin(VENDOR, actor=SYSTEM).version == 2
    assert resealing.reseal(VENDOR) == 9
    for kept in WebhookEndpoint.objects.filter(vendor_id=cast.VECTOR.id):
        assert {column: unseal(kept, column) for column in COLUMNS} == COLUMNS
        assert {bytes(getattr(kept, column))[1:17] for column in COLUMNS} == {in_use(VENDOR).pk.bytes}
    assert bytes(WebhookEndpoint.objects.get(pk="wh_x").sealed_secret) == of_others.sealed_secret
    assert unseal(stolen, "sealed_secret") == COLUMNS["sealed_secret"]  # read just before: it opens for another hour
    an_hour_later()
    assert resealing.destroy_emptied() == 1
    former.refresh_from_db()
    assert (bytes(former.wrapped), former.destroyed_at is None) == (b"", False)
    with pytest.raises(Unsealable):
        unseal(stolen, "sealed_secret")


@pytest.mark.usefixtures("db")
def test_all_that_a_tenant_has_is_brought_to_the_new_key() -> None:
    with inside("mercedes"):
        before = signing.signer_for("mercedes")
        for number in range(resealing.BATCH + 1):
            answer(str(number))
    with inside("bmw"):
        signing.ensure_signing_keys("bmw")
    of_bmw = key_ids("tenant:bmw")
    rotating.begin(TENANT, actor=SYSTEM)
    assert resealing.reseal(TENANT) == resealing.BATCH + 2
    assert resealing.reseal(TENANT) == 0
    assert key_ids(TENANT) == {in_use(TENANT).pk.bytes}
    assert key_ids("tenant:bmw") == of_bmw
    with inside("mercedes"):
        assert signing.signer_for("mercedes").sign(b"x") == before.sign(b"x")
        replayed = idempotency.answer_once(caller="user:1", key="7", request_digest="d", produce=lambda: (500, {}))
        assert replayed == (201, {"shown": "7"}, True)


@pytest.mark.usefixtures("db")
def test_one_rotation_at_a_time_and_only_of_whom_there_is() -> None:
    endpoint("wh_1")
    rotating.begin(VENDOR, actor=builders.actor())
    with pytest.raises(RotationUnderWay):
        rotating.begin(VENDOR, actor=SYSTEM)
    resealing.reseal(VENDOR)
    rotating.begin(VENDOR, actor=SYSTEM)
    with pytest.raises(NotFound):
        rotating.begin("tenant:nobody", actor=SYSTEM)
    told = AuditEntry.objects.filter(event="data_key.rotated").order_by("id")
    assert [(entry.subject_id, entry.facts, entry.actor_kind) for entry in told] == [
        (VENDOR, {"version": 2}, "user"),
        (VENDOR, {"version": 3}, "system"),
    ]


@pytest.mark.usefixtures("db")
def test_what_does_not_open_keeps_its_key_and_holds_up_nothing_else() -> None:
    for number in range(3):
        endpoint(f"wh_{number}")
    broken = WebhookEndpoint.objects.get(pk="wh_1")
    WebhookEndpoint.objects.filter(pk="wh_1").update(sealed_secret=one_bit_off(bytes(broken.sealed_secret)))
    former = in_use(VENDOR)
    rotating.begin(VENDOR, actor=SYSTEM)
    assert resealing.reseal(VENDOR) == 8
    former.refresh_from_db()
    assert (former.emptied_at, former.to_reseal, former.resealed) == (None, 9, 8)
    assert sweeping.unfinished() == [VENDOR]
    WebhookEndpoint.objects.filter(pk="wh_1").update(sealed_secret=broken.sealed_secret)
    assert sweeping.sweep() == 1
    assert sweeping.unfinished() == []


@pytest.mark.usefixtures("db")
def test_what_was_stored_again_as_it_had_been_read_before_keeps_its_key_from_being_destroyed() -> None:
    read_before = endpoint("wh_1")
    rotating.begin(VENDOR, actor=SYSTEM)
    resealing.reseal(VENDOR)
    read_before.save()
    an_hour_later()
    assert resealing.destroy_emptied() == 0
    assert sweeping.sweep() == 3
    assert unseal(WebhookEndpoint.objects.get(), "sealed_secret") == COLUMNS["sealed_secret"]


@pytest.mark.usefixtures("committed")
def test_a_key_is_retired_when_nobody_is_storing_what_it_has_sealed_any_more() -> None:
    """The rotation begins while a transaction has sealed and not committed; others seal with the new key at once."""
    endpoint("wh_0")
    sealed, may_commit, resealed = threading.Event(), threading.Event(), []

    def slow() -> None:
        with acting_for(cast.VECTOR.id), transaction.atomic():
            endpoint("wh_slow")
            sealed.set()
            may_commit.wait(120)
        connections.close_all()

    def bring_over() -> None:
        resealed.append(resealing.reseal(VENDOR))
        connections.close_all()

    threads = [threading.Thread(target=slow), threading.Thread(target=bring_over)]
    threads[0].start()
    assert sealed.wait(120)
    rotating.begin(VENDOR, actor=SYSTEM)
    fresh = endpoint("wh_fresh")
    assert bytes(fresh.sealed_secret)[1:17] == in_use(VENDOR).pk.bytes
    threads[1].start()
    threads[1].join(1)
    assert threads[1].is_alive(), "it waits for the one that has sealed and not stored yet"
    may_commit.set()
    for thread in threads:
        thread.join()
    assert resealed == [6]
    assert key_ids(VENDOR) == {in_use(VENDOR).pk.bytes}


@pytest.mark.usefixtures("db")
def test_old_keys_are_rotated_by_themselves(settings: Settings) -> None:
    endpoint("wh_1")
    endpoint("wh_2", cast.GREENHILLS.id)
    DataKey.objects.filter(owner=VENDOR).update(created_at=clock.now() - timedelta(days=settings.DATA_KEY_DAYS + 1))
    assert sweeping.sweep() == 3
    assert {key.owner: key.version for key in overview.keys_in_use()} == {VENDOR: 2, f"vendor:{cast.GREENHILLS.id}": 1}
    settings.DATA_KEY_DAYS = 0
    DataKey.objects.update(created_at=clock.now() - timedelta(days=1000))
    assert sweeping.sweep() == 0


@pytest.mark.usefixtures("db")
def test_a_rotation_that_comes_to_no_end_takes_nobodys_turn(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MOST_BEGUN_AT_ONCE", 1)
    made = endpoint("wh_1")
    endpoint("wh_2", cast.GREENHILLS.id)
    WebhookEndpoint.objects.filter(pk="wh_1").update(sealed_secret=made.authorization)
    rotating.begin(VENDOR, actor=SYSTEM)
    old = clock.now() - timedelta(days=settings.DATA_KEY_DAYS + 1)
    DataKey.objects.update(created_at=old)
    DataKey.objects.filter(owner=VENDOR).update(created_at=old - timedelta(days=1))
    sweeping.sweep()
    assert {key.owner: key.version for key in overview.keys_in_use()} == {VENDOR: 2, f"vendor:{cast.GREENHILLS.id}": 2}
    assert sweeping.unfinished() == [VENDOR]


@pytest.mark.usefixtures("db")
def test_keys_opened_in_this_process_are_few_and_forgotten() -> None:
    assert data_keys._open.most <= 1024
    assert data_keys._open.seconds <= 300
    made = endpoint("wh_1")
    key = in_use(VENDOR)
    DataKey.objects.update(wrapped=b"", destroyed_at=clock.now())
    assert unseal(made, "sealed_secret"), "it is still in memory"
    data_keys.forget(key.pk)
    with pytest.raises(Unsealable):
        unseal(made, "sealed_secret")


@pytest.mark.usefixtures("db")
def test_commands_say_and_do_the_same() -> None:
    def run(*words: str) -> dict[str, Any]:
        out = StringIO()
        call_command(*words, "--json", stdout=out)
        return dict(json.loads(out.getvalue()))

    endpoint("wh_1")
    assert run("rotate_data_key", VENDOR) == {"rotated": [VENDOR], "resealed": 3}
    assert run("rotate_data_key", "--older-than", "0") == {"rotated": [VENDOR], "resealed": 3}
    listed = run("data_keys")["data_keys"]
    assert [(key["owner"], key["version"], key["state"], key["to_reseal"], key["resealed"]) for key in listed] == [
        (VENDOR, 3, "kept", 3, 3)
    ]
    assert run("rotate_master_key")["rewrapped"] == 0
    with pytest.raises(CommandError, match="not_found"):
        run("rotate_data_key", "tenant:nobody")
    with pytest.raises(CommandError, match="Say whose"):
        run("rotate_data_key")


@pytest.mark.usefixtures("db")
def test_signing_keys_of_vendors_move_too() -> None:
    with acting_for(cast.VECTOR.id):
        signing.ensure_signing_keys(cast.VECTOR.id, (signing.EDDSA, signing.ML_DSA_65))
    rotating.begin(VENDOR, actor=SYSTEM)
    assert resealing.reseal(VENDOR) == 2
    assert {unseal(key, "sealed_private_key") != b"" for key in SigningKey.objects.all()} == {True}
