"""X.509 certificates as we make them: an authority for a tenant, and client certificates below it (RFC 5280)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from certificates import names, strength
from certificates.wishes import Wish

LIFE_OF_AUTHORITY = timedelta(days=3650)
BACKDATED = timedelta(minutes=5)  # for machines whose clocks are slow


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a certificate says that its issuer, and news of its revocation, are to be had."""

    issuer: str
    revocation_list: str
    status: str


def new_authority(tenant_id: str, company: str, now: datetime) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    """Self-signed, P-256; it may issue certificates of clients, not further authorities."""
    key = generate_private_key(SECP256R1())
    subject = _named(f"{tenant_id} client authority {now:%Y-%m-%d}", company)
    built = (
        _certificate(subject, subject, key.public_key(), now, now + LIFE_OF_AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .sign(key, SHA256())
    )
    return key, built


def client_certificate(
    wish: Wish, issuer: x509.Certificate, key: EllipticCurvePrivateKey, *, company: str, now: datetime, until: datetime,
    addresses: Addresses,
) -> x509.Certificate:  # fmt: skip
    """For TLS clients only. Of the request it has the key and the names; everything else is ours to say."""
    subject = _named(wish.common_name, company) if wish.common_name else x509.Name([])
    builder = (
        _certificate(subject, issuer.subject, wish.public_key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(_points_at(addresses.revocation_list), critical=False)
        .add_extension(_access(addresses), critical=False)
    )
    if wish.names:
        alternatives = x509.SubjectAlternativeName([names.as_alternative(name) for name in wish.names])
        builder = builder.add_extension(alternatives, critical=not wish.common_name)  # RFC 5280, 4.2.1.6
    return builder.sign(key, SHA256())


def _certificate(
    subject: x509.Name, issuer: x509.Name, public_key: strength.PublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer, subject_name=subject, public_key=public_key,
        serial_number=x509.random_serial_number(), not_valid_before=now - BACKDATED, not_valid_after=until,
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)  # fmt: skip


def _named(common_name: str, company: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, company[:64])] if company else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _usage(*, key_cert_sign: bool = False) -> x509.KeyUsage:
    """An authority also signs revocation lists, and answers about status (digital signature)."""
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=key_cert_sign, crl_sign=key_cert_sign, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _points_at(revocation_list: str) -> x509.CRLDistributionPoints:
    where = [x509.UniformResourceIdentifier(revocation_list)]
    return x509.CRLDistributionPoints([x509.DistributionPoint(where, None, None, None)])


def _access(addresses: Addresses) -> x509.AuthorityInformationAccess:
    found = (
        (AuthorityInformationAccessOID.OCSP, addresses.status),
        (AuthorityInformationAccessOID.CA_ISSUERS, addresses.issuer),
    )
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(address)) for method, address in found]
    )
