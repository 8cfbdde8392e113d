"""What is sealed with the master key is sealed again when the master key is rotated."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from cloudlicenses.rotation.resealing import SEALED

NOT_SEALED = {("keys.SigningKey", "public_key"), ("vendors.Logo", "png"), ("accounts.Passkey", "credential")}


def test_every_binary_column_is_resealed_or_known_to_be_public() -> None:
    columns = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    assert columns - NOT_SEALED == {(sealed.model._meta.label, sealed.column) for sealed in SEALED}
