"""Reading certificates and authorities, in a tenant's scope: its schema shows its own only."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from certificates.models import Authority, Certificate
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound

Row = TypeVar("Row", bound=Model)


def authorities() -> QuerySet[Authority]:
    """All that are trusted, newest first: ours, retired ones too, and the tenant's own."""
    return Authority.objects.filter(removed_at=None).order_by("-created_at", "id")


def authority_for(authority_id: str) -> Authority:
    """Raises `NotFound`."""
    return _found(authorities().filter(id=authority_id), f"There is no certificate authority {authority_id[:60]!r}.")


def authority_for_update(authority_id: str) -> Authority:
    """Locked; raises `NotFound`. In a transaction."""
    found = authorities().select_for_update().filter(id=authority_id)
    return _found(found, f"There is no certificate authority {authority_id[:60]!r}.")


def certificates() -> QuerySet[Certificate]:
    """All that were issued, newest first; expired and revoked ones too."""
    return Certificate.objects.select_related("authority").order_by("-created_at", "id")


def about(found: QuerySet[Certificate], text: str) -> QuerySet[Certificate]:
    """Those with the text in their common name or serial number, or with this very name among the others."""
    kinds = [f"{kind}:{text}" for kind in ("DNS", "email", "URI")]
    return found.filter(
        Q(common_name__icontains=text)
        | Q(serial__icontains=text.replace(":", "").lower())
        | Q(names__overlap=[text, *kinds])
    )


def in_state(found: QuerySet[Certificate], state: str) -> QuerySet[Certificate]:
    """Those that are valid, expired, revoked or distrusted now; `state_of` says the same of one."""
    if state == "revoked":
        return found.filter(revoked_at__isnull=False)
    found = found.filter(revoked_at=None)
    if state == "distrusted":
        return found.filter(authority__removed_at__isnull=False)
    found, over = found.filter(authority__removed_at=None), Q(not_after__lte=clock.now())
    return found.filter(over) if state == "expired" else found.exclude(over)


def state_of(certificate: Certificate) -> str:
    if certificate.revoked_at:
        return "revoked"
    if certificate.authority.removed_at:
        return "distrusted"
    return "expired" if certificate.not_after <= clock.now() else "valid"


def certificate_for(certificate_id: str) -> Certificate:
    """Raises `NotFound`."""
    return _found(certificates().filter(id=certificate_id), f"There is no certificate {certificate_id[:60]!r}.")


def certificate_for_update(certificate_id: str) -> Certificate:
    """Locked; raises `NotFound`. In a transaction."""
    found = Certificate.objects.select_related("authority").select_for_update(of=("self",)).filter(id=certificate_id)
    return _found(found, f"There is no certificate {certificate_id[:60]!r}.")


def _found(rows: QuerySet[Row], otherwise: str) -> Row:
    row = rows.first()
    if row is None:
        raise NotFound(otherwise)
    return row
