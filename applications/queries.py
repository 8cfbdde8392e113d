"""Reading fingerprints and devices, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from applications.models import NO_PRODUCT, Device, DevicePolicy, Fingerprint, ProductGuard
from cloudlicenses.kit.refusals import NotFound
from tenants import context

# From one product to the next by the index, however many installations each has.
PRODUCTS_SEEN = """
    WITH RECURSIVE seen AS (
        SELECT min(product_id) AS product_id FROM applications_fingerprint
        UNION ALL
        SELECT (SELECT min(product_id) FROM applications_fingerprint AS next WHERE next.product_id > seen.product_id)
          FROM seen WHERE seen.product_id IS NOT NULL
    )
    SELECT product_id FROM seen WHERE product_id IS NOT NULL
"""
Kept = TypeVar("Kept", Fingerprint, Device)


def tenant_id() -> str:
    """Whose scope this is."""
    return context.current().tenant_id


def fingerprints() -> QuerySet[Fingerprint]:
    """All of them, the latest seen first."""
    return Fingerprint.objects.order_by("-last_seen_at", "id")


def about(found: QuerySet[Fingerprint], text: str) -> QuerySet[Fingerprint]:
    """Those with the text at the start of their value, or in user or host."""
    return found.filter(Q(value__startswith=text) | Q(user__icontains=text) | Q(hostname__icontains=text))


def fingerprint_for(fingerprint_id: str) -> Fingerprint:
    """Raises `NotFound`."""
    return _there(fingerprints().filter(id=fingerprint_id).first(), "fingerprint", fingerprint_id)


def fingerprints_for_update(fingerprint_ids: Sequence[str]) -> list[Fingerprint]:
    """Locked, in one order; raises `NotFound` if one of them isn't there. In a transaction."""
    wanted = set(fingerprint_ids)
    found = list(Fingerprint.objects.select_for_update().filter(id__in=wanted).order_by("id"))
    if missing := wanted - {each.id for each in found}:
        raise NotFound(f"There is no fingerprint {min(missing)[:60]!r} here.")
    return found


def modes() -> dict[str, str]:
    """The mode of each product that has one of its own."""
    return dict(ProductGuard.objects.values_list("product_id", "mode"))


def products() -> dict[str, str]:
    """The mode of each product whose applications were seen here, or that has one of its own; by the product's id."""
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS_SEEN)
        seen = [product_id for (product_id,) in cursor.fetchall() if product_id != NO_PRODUCT]
    return dict(sorted((dict.fromkeys(seen, ProductGuard.Mode.OBSERVE.value) | modes()).items()))


def devices() -> QuerySet[Device]:
    """All of them, newest first."""
    return Device.objects.order_by("-created_at", "id")


def device_for(device_id: str) -> Device:
    """Raises `NotFound`."""
    return _there(devices().filter(id=device_id).first(), "device", device_id)


def device_for_update(device_id: str) -> Device:
    """Locked; raises `NotFound`. In a transaction."""
    return _there(Device.objects.select_for_update().filter(id=device_id).first(), "device", device_id)


def devices_about(found: QuerySet[Device], text: str) -> QuerySet[Device]:
    """Those with the text in name or host, or at the start of their thumbprint."""
    return found.filter(Q(name__icontains=text) | Q(hostname__icontains=text) | Q(thumbprint__startswith=text))


def approves_devices_by_itself() -> bool:
    return DevicePolicy.objects.filter(approves_by_itself=True).exists()


def _there(found: Kept | None, what: str, named: str) -> Kept:
    if found is None:
        raise NotFound(f"There is no {what} {named[:60]!r} here.")
    return found
