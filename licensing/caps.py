"""The customer's own limits on a license: below what the vendor sold, never above it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop
from licensing import queries
from licensing.models import License

COLUMNS = {"max_in_use": "cap_in_use", "max_overage": "cap_overage", "monthly_budget": "monthly_budget"}
Cap = int | Decimal | None


@transaction.atomic
def set_caps(actor: Actor, license_id: str, caps: dict[str, Cap]) -> License:
    """In force for the next checkout; seats in use stay. `None` lifts a cap. Raises `NotFound`, `InvalidInput`."""
    license_ = queries.license_for_update(license_id)
    _refuse_above_the_contract(license_, caps)
    changes: dict[str, Any] = {COLUMNS[name]: value for name, value in caps.items()}
    for column, value in changes.items():
        setattr(license_, column, value)
    license_.save(update_fields=list(changes) or None)
    told: dict[str, Any] = {name: None if value is None else str(value) for name, value in caps.items()}
    events.record("license.capped", actor=actor, subject=("license", license_id), caps=told)
    return queries.license_for(license_id)


def _refuse_above_the_contract(license_: License, caps: dict[str, Cap]) -> None:
    sold = {"max_in_use": license_.total_licenses, "max_overage": license_.max_overage}
    errors = [
        FieldError(
            name,
            "above_contract",
            Said(gettext_noop("The contract allows %(limit)s; a cap can only be lower."), limit=limit),
        )
        for name, limit in sold.items()
        if (wanted := caps.get(name)) is not None and wanted > limit
    ]
    if errors:
        raise InvalidInput(errors=errors)
