"""A new master key: everything opens before, during and after; afterwards the old key is not needed, nor of any use."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from django.test import override_settings

from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.rotation import masters
from cloudlicenses.sealing import data_keys, master
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.sealing.rows import unseal
from cloudlicenses.web import idempotency
from keys import signing
from keys.models import SigningKey
from tenants.context import inside
from tests.almost import one_bit_off

NEW = os.urandom(32)


def opened() -> bytes:
    with inside("mercedes"):
        return unseal(SigningKey.objects.get(), "sealed_private_key")


@pytest.mark.usefixtures("db")
def test_after_a_rotation_the_old_key_is_not_needed() -> None:
    with inside("mercedes"):
        signing.ensure_signing_keys("mercedes")
    idempotency.answer_once(caller="c", key="k", request_digest="d", produce=lambda: (201, {"api_key": "shown once"}))
    before, as_stored = opened(), list(DataKey.objects.values_list("wrapped", flat=True))
    with override_settings(MASTER_KEYS=[NEW, *settings.MASTER_KEYS]):
        assert masters.wrapped_by_former() == 2
        assert masters.rewrap(SYSTEM, lambda line: None) == 2
        assert masters.rewrap(SYSTEM, lambda line: None) == masters.wrapped_by_former() == 0
    data_keys._open.forget_all()
    with override_settings(MASTER_KEYS=[NEW]):
        assert opened() == before
        replayed = idempotency.answer_once(caller="c", key="k", request_digest="d", produce=lambda: (201, {}))
        assert replayed == (201, {"api_key": "shown once"}, True)
    data_keys._open.forget_all()
    with pytest.raises(master.MasterKeyMissing):
        opened()
    assert not set(map(bytes, as_stored)) & set(map(bytes, DataKey.objects.values_list("wrapped", flat=True)))


@pytest.mark.usefixtures("db")
def test_a_wrapped_key_opens_for_its_owner_alone() -> None:
    key_id, wrapped = data_keys.new_wrapped("tenant:mercedes")
    with pytest.raises(master.Unsealable):
        master.unwrap(wrapped, owner="tenant:bmw", key_id=key_id)
    with pytest.raises(master.Unsealable):
        master.unwrap(one_bit_off(wrapped), owner="tenant:mercedes", key_id=key_id)
