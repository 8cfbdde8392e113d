"""Every column of bytes is a SealedField, so that it belongs to somebody's data key and is sealed again when that is rotated."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from cloudlicenses.sealing.fields import SealedField

NO_SECRETS = {
    ("keys.SigningKey", "public_key"),
    ("certificates.Authority", "certificate"),
    ("vendors.Logo", "png"),
    ("accounts.Passkey", "credential"),
    ("sealing.DataKey", "wrapped"),  # by the master key itself
}


def test_every_column_of_bytes_is_sealed_or_known_to_hold_no_secret() -> None:
    columns = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedField)
    }
    assert columns == NO_SECRETS
