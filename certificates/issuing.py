"""Issuing client certificates from a request, and revoking them. Works in the tenant's scope.

The private key stays where it was made: what comes here is a signing request, what goes back is public. A revocation is in force
in every process within a second (web.wakeups), and in the revocation list at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from audit import events
from certificates import authorities, building, queries, wishes
from certificates.models import Certificate
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.pages import tenant_url
from tenants import context

LIFE_DAYS, LONGEST_LIFE_DAYS = 365, authorities.LONGEST_LIFE.days
# As RFC 5280 (5.3.1) names them in lists; those that make sense for a client.
REASONS = {
    "unspecified": "unspecified",
    "key_compromise": "keyCompromise",
    "affiliation_changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation_of_operation": "cessationOfOperation",
    "privilege_withdrawn": "privilegeWithdrawn",
}


@transaction.atomic
def issue(actor: Actor, csr: str, *, days: int = LIFE_DAYS) -> Certificate:
    """A certificate for the names that the request asks for, by the tenant's authority of ours. Raises `InvalidInput`."""
    wish, now = wishes.read(csr), clock.now()
    issuer = authorities.issuer(actor)
    made = building.client_certificate(
        wish, issuer.certificate, issuer.key, company=authorities.company(), now=now,
        until=now + timedelta(days=min(days, LONGEST_LIFE_DAYS)), addresses=addresses_of(issuer.authority_id),
    )  # fmt: skip
    certificate = Certificate.objects.create(
        id=ids.new_id("cert"), authority_id=issuer.authority_id, serial=f"{made.serial_number:x}",
        fingerprint=made.fingerprint(SHA256()).hex(), common_name=wish.common_name, names=list(wish.names),
        key_type=wish.key_type, pem=made.public_bytes(Encoding.PEM).decode(), not_before=made.not_valid_before_utc,
        not_after=made.not_valid_after_utc, created_at=now, created_by=actor.label or actor.id,
    )  # fmt: skip
    events.record("certificate.issued", actor=actor, subject=("certificate", certificate.id), **_said_of(certificate))
    return certificate


@transaction.atomic
def revoke(actor: Actor, certificate_id: str, *, reason: str = "unspecified") -> Certificate:
    """Refused from now on, for good; revoking twice changes nothing. `reason` is one of `REASONS`. Raises `NotFound`."""
    certificate = queries.certificate_for_update(certificate_id)
    if certificate.revoked_at is None:
        certificate.revoked_at, certificate.revocation_reason = clock.now(), reason
        certificate.save(update_fields=["revoked_at", "revocation_reason"])
        facts = _said_of(certificate) | {"reason": reason}
        events.record("certificate.revoked", actor=actor, subject=("certificate", certificate.id), **facts)
        authorities.announce_change()
    return certificate


def addresses_of(authority_id: str) -> building.Addresses:
    """Where the authority's certificate, its revocation list and the status of what it issued are to be had, by anybody."""
    tenant_id = context.current().tenant_id
    at = f"/api/v1/certificates/authorities/{authority_id}"
    return building.Addresses(
        issuer=tenant_url(tenant_id, f"{at}/certificate"),
        revocation_list=tenant_url(tenant_id, f"{at}/crl"),
        status=tenant_url(tenant_id, "/ocsp"),
    )


def _said_of(certificate: Certificate) -> dict[str, Any]:
    """In the audit log."""
    return {
        "common_name": certificate.common_name,
        "names": certificate.names,
        "serial_number": certificate.serial,
        "ends_at": rfc3339(certificate.not_after),
    }
