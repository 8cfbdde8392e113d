"""Every column of bytes is a SealedField, so that it belongs to somebody's data key and is sealed again when that is rotated."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from cloudlicenses.sealing.fields import SealedField

NO_SECRETS = {
    ("keys.SigningKey", "public_key"),
    ("certificates.Authority", "certificate"),
    ("applications.Device", "public_key"),
    ("vendors.Logo", "png"),
    ("accounts.Passkey", "credential"),
    ("sealing.DataKey", "wrapped"),  # by the master key itself
    # Digests, signatures and public keys; a leaf's salt is for whoever may read its entry.
    *(("audit.TreeLeaf", column) for column in ("hash", "salt", "erased")),
    ("audit.TreeNode", "hash"),
    *(("audit.TreeHead", column) for column in ("root", "signature")),
    ("audit.LogKey", "public_key"),
    *(("billing.SealedCharges", column) for column in ("hashes", "peaks", "root", "signature")),
}


def test_every_column_of_bytes_is_sealed_or_known_to_hold_no_secret() -> None:
    columns = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedField)
    }
    assert columns == NO_SECRETS
