"""Reading keys, in the present scope: row-level security and schemas see to it that they are the caller's own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q, QuerySet

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound
from keys.models import ApiKey


def keys_of(owner: str) -> QuerySet[ApiKey]:
    """All keys of an owner, revoked and expired ones too, newest first."""
    return ApiKey.objects.filter(owner=owner).order_by("-created_at", "id")


def about(found: QuerySet[ApiKey], text: str) -> QuerySet[ApiKey]:
    """Those with the text in their name, or bound to this very host, or ending in it."""
    return found.filter(Q(app_name__icontains=text) | Q(allowed_hostnames__contains=[text]) | Q(hint__endswith=text))


def in_state(found: QuerySet[ApiKey], state: str) -> QuerySet[ApiKey]:
    """Those that are active, rotated, expired or revoked now; `state_of` says the same of one."""
    if state == "revoked":
        return found.filter(revoked_at__isnull=False)
    living, over = found.filter(revoked_at=None), Q(expires_at__lte=clock.now())
    if state == "expired":
        return living.filter(over)
    return (
        living.exclude(over).exclude(replaced_by="")
        if state == "rotated"
        else living.exclude(over).filter(replaced_by="")
    )


def state_of(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= clock.now():
        return "expired"
    return "rotated" if key.replaced_by else "active"


def key_for(owner: str, key_id: str) -> ApiKey:
    """Raises `NotFound`: not there, or not yours."""
    key = keys_of(owner).filter(id=key_id).first()
    if key is None:
        raise NotFound(f"There is no key {key_id[:60]!r}.")
    return key


def key_for_update(key_id: str, *, usable_only: bool = False) -> ApiKey:
    """Locked; raises `NotFound`. In a transaction."""
    found = ApiKey.objects.select_for_update().filter(id=key_id)
    if usable_only:
        found = found.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), revoked_at=None)
    key = found.first()
    if key is None:
        raise NotFound(f"There is no such key that could be changed: {key_id[:60]!r}.")
    return key


def usable_ids(key_ids: Sequence[str]) -> set[str]:
    """Which of these keys may still be used; one query."""
    if not key_ids:
        return set()
    now = clock.now()
    over = Q(expires_at__lte=now) | Q(revoked_at__lte=now)
    return set(ApiKey.objects.filter(id__in=key_ids).exclude(over).values_list("id", flat=True))


def is_vendor_suspended(vendor_id: str) -> bool:
    """Asked in the vendor's own scope, which shows its own row only; vendors' models stand above this app."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status <> 'active' FROM public.vendors_vendor WHERE id = %s", [vendor_id])
        row = cursor.fetchone()
    return row is None or bool(row[0])
