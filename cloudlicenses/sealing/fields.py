"""`SealedField`: a column for a secret, which says whose data key seals it and to which row it is bound."""

from __future__ import annotations

from functools import reduce
from typing import Any

from django.conf import settings
from django.db import connection, models

from cloudlicenses.sealing.data_keys import PLATFORM


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # django-stubs' own field takes its two types from its class
    """Holds what rows.seal gives, and opens by rows.unseal.

    A row in a tenant's schema belongs to that tenant. Of a row in `public`, `vendor` names the attribute (dots lead on) that
    holds its vendor's id; where that is empty, or nothing is named, the row is the platform's. `row` names the attribute that tells
    the row from all others of its table and never changes; it must be known before sealing.
    """

    def __init__(self, *args: Any, vendor: str = "", row: str = "pk", **options: Any) -> None:
        self.vendor, self.row = vendor, row
        super().__init__(*args, **options)

    def owner_of(self, row: models.Model) -> str:
        """As data_keys.py names owners."""
        scope = getattr(connection, "tenant", None)  # tenants.context.Scope, which stands above
        tenant_id = getattr(scope, "tenant_id", "")
        if tenant_id and row._meta.app_config.name in settings.TENANT_APPS:
            return f"tenant:{tenant_id}"
        vendor_id = _follow(row, self.vendor) if self.vendor else ""
        return f"vendor:{vendor_id}" if vendor_id else PLATFORM

    def place_of(self, row: models.Model) -> bytes:
        """Table, column and row: what a sealed value is bound to beside its owner."""
        identity = _follow(row, self.row)
        if identity in (None, ""):
            raise ValueError(f"{row._meta.label}.{self.name}: a row is sealed once it is known by {self.row!r}")
        return place(row._meta.db_table, self.column, str(identity))


def place(table: str, column: str, row: str) -> bytes:
    return "\0".join((table, column, row)).encode()


def sealed_field(model: type[models.Model], name: str) -> SealedField:
    field = model._meta.get_field(name)
    if not isinstance(field, SealedField):
        raise TypeError(f"{model._meta.label}.{name} is no SealedField")
    return field


def _follow(row: object, path: str) -> object:
    return reduce(getattr, path.split("."), row)
