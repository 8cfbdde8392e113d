"""What may be sent about certificates and their authorities, and how they are shown. No private key in any of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from certificates import authorities, issuing, lists, queries
from certificates.models import Authority, Certificate
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Text, Whole

STATES = ("valid", "expired", "revoked", "distrusted")
LONGEST_PEM = 100_000


class IssueRequest(serializers.Serializer[Any]):
    csr = Text(
        max_length=16_000, help_text="A signing request (PKCS #10) in PEM: RSA from 2048 bits, P-256, P-384 or Ed25519."
    )
    valid_days = Whole(min_value=1, max_value=issuing.LONGEST_LIFE_DAYS, default=issuing.LIFE_DAYS)


class RevokeRequest(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=tuple(issuing.REASONS), default="unspecified")


class UploadRequest(serializers.Serializer[Any]):
    certificates = Text(
        max_length=LONGEST_PEM, help_text="PEM, one after the other: the authority, those above it, its root."
    )


class ListRequest(serializers.Serializer[Any]):
    crl = Text(max_length=lists.LONGEST_LIST, help_text="The authority's revocation list, in PEM.")


class CertificateAnswer(serializers.Serializer[Any]):
    """A client certificate. `distrusted`: its authority was removed."""

    certificate_id = serializers.CharField()
    authority_id = serializers.CharField()
    status = serializers.ChoiceField(choices=STATES)
    serial_number = serializers.CharField(help_text="Hexadecimal.")
    fingerprint = serializers.CharField(help_text="SHA-256 of the certificate, hexadecimal.")
    common_name = serializers.CharField()
    names = serializers.ListField(
        child=serializers.CharField(), help_text="As keys are bound to them: DNS:…, email:…, URI:…."
    )
    key_type = serializers.CharField()
    not_before = serializers.DateTimeField()
    not_after = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    revocation_reason = serializers.CharField(allow_null=True)
    certificate = serializers.CharField(help_text="PEM.")


class IssuedCertificateAnswer(CertificateAnswer):
    """With the certificate of its authority."""

    ca_certificate = serializers.CharField(help_text="PEM.")


class AuthorityAnswer(serializers.Serializer[Any]):
    """Whose certificates are trusted. `issuing`: ours, and new certificates are its; the rest are retired or the tenant's own."""

    authority_id = serializers.CharField()
    is_ours = serializers.BooleanField()
    is_issuing = serializers.BooleanField()
    subject = serializers.CharField()
    serial_number = serializers.CharField()
    fingerprint = serializers.CharField()
    not_before = serializers.DateTimeField()
    not_after = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    crl_issued_at = serializers.DateTimeField(allow_null=True, help_text="Of the list that was uploaded last.")
    crl_due_at = serializers.DateTimeField(allow_null=True)
    certificate = serializers.CharField(help_text="PEM.")


class UploadAnswer(serializers.Serializer[Any]):
    authorities = AuthorityAnswer(many=True)


def shown(certificate: Certificate) -> dict[str, Any]:
    same = ("authority_id", "fingerprint", "common_name", "names", "key_type", "created_by")
    return {
        "certificate_id": certificate.id,
        "status": queries.state_of(certificate),
        "serial_number": certificate.serial,
        **{name: getattr(certificate, name) for name in same},
        **_moments(certificate, "not_before", "not_after", "created_at", "revoked_at"),
        "revocation_reason": certificate.revocation_reason or None,
        "certificate": certificate.pem,
    }


def shown_with_authority(certificate: Certificate) -> dict[str, Any]:
    return shown(certificate) | {"ca_certificate": authorities.pem_of(certificate.authority)}


def authority_shown(authority: Authority) -> dict[str, Any]:
    same = ("is_ours", "subject", "fingerprint", "created_by")
    moments = ("not_before", "not_after", "created_at", "crl_issued_at", "crl_due_at")
    return {
        "authority_id": authority.id,
        "is_issuing": authority.is_ours and authority.retired_at is None and authority.removed_at is None,
        "serial_number": authority.serial,
        **{name: getattr(authority, name) for name in same},
        **_moments(authority, *moments),
        "certificate": authorities.pem_of(authority),
    }


def _moments(row: Authority | Certificate, *names: str) -> dict[str, str | None]:
    return {name: rfc3339(value) if (value := getattr(row, name)) else None for name in names}
