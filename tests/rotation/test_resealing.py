"""A new master key: everything opens before, during and after; afterwards the old key opens nothing that is kept."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from django.test import override_settings

from cloudlicenses.kit import sealing
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.rotation import resealing
from cloudlicenses.web import idempotency
from keys import signing
from keys.models import SigningKey
from tenants.context import inside

NEW = os.urandom(32)


@pytest.mark.usefixtures("db")
def test_after_a_rotation_the_old_key_is_not_needed() -> None:
    with inside("mercedes"):
        signing.ensure_signing_keys("mercedes")
        before = signing.signer_for("mercedes")
    idempotency.answer_once(caller="c", key="k", request_digest="d", produce=lambda: (201, {"api_key": "shown once"}))
    with override_settings(MASTER_KEYS=[NEW, *settings.MASTER_KEYS]):
        assert resealing.rotate(SYSTEM, lambda line: None) >= 2
        assert resealing.rotate(SYSTEM, lambda line: None) == 0
    with override_settings(MASTER_KEYS=[NEW]):
        with inside("mercedes"):
            kept = SigningKey.objects.get(kid=before.kid)
            assert sealing.is_sealed_with_newest(bytes(kept.sealed_private_key))
            signing.open_signer.cache_clear()
            assert signing.signer_for("mercedes").sign(b"x") == before.sign(b"x")
        replayed = idempotency.answer_once(caller="c", key="k", request_digest="d", produce=lambda: (201, {}))
        assert replayed == (201, {"api_key": "shown once"}, True)
    with pytest.raises(sealing.Unsealable), inside("mercedes"):
        sealing.unseal(bytes(kept.sealed_private_key), purpose=signing.PURPOSE, place=kept.kid)
