"""What a presented client certificate proves: decided here, not by the proxy, which only says that the client holds its key.

    header of a trusted proxy ──▶ read ──▶ judge, against the tenant's authorities ──▶ Proof ──▶ keys.restrictions

`read` is pure and remembered by the text; a proof is remembered for some seconds by whoever asks often (the plane). A proof that
fails says why in words that tell what to do, without telling a thief whom the key is bound to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certificates import names, strength
from certificates.unreadable import UNREADABLE as NOT_READABLE

MOST_READ = 1024  # each may be as long as LONGEST_HEADER
DEEPEST = 4  # authorities between a certificate and its root
LONGEST_HEADER = 16_000
GET_ANOTHER = "Issue a new one on the Certificates page, or by POST /api/v1/certificates/issue."
UNREADABLE = (
    "The client certificate can't be read: the proxy must send it as URL-encoded PEM ($ssl_client_escaped_cert)."
)
EXPIRED = f"The client certificate has expired. {GET_ANOTHER}"
NOT_YET = "The client certificate is not valid yet. Check the clock of the machine that made it."
NOT_FOR_CLIENTS = f"The client certificate is not for TLS clients (extended key usage clientAuth). {GET_ANOTHER}"
WEAK = f"The key of the client certificate is too weak, or of a sort that isn't accepted. {GET_ANOTHER}"
NO_AUTHORITY = (
    "This tenant trusts no certificate authority yet."
    " Issue a certificate, or upload your authority, on the Certificates page."
)
UNKNOWN_ISSUER = (
    "The client certificate leads to no certificate authority that this tenant trusts."
    " Use one issued here, or have its authority, with those between, uploaded on the Certificates page."
)
REVOKED = f"The client certificate was revoked. {GET_ANOTHER}"

# What the tenant trusts, and which of the serial numbers in question each has revoked. Bound: the certificate's serial, twice.
FIND_TRUST = """
SELECT a.certificate, ARRAY(
    (SELECT unnest(a.revoked_serials) INTERSECT (SELECT %s UNION SELECT serial FROM certificates_authority))
    UNION SELECT serial FROM certificates_certificate WHERE authority_id = a.id AND serial = %s AND revoked_at IS NOT NULL)
FROM certificates_authority a WHERE a.removed_at IS NULL
"""


def _may_issue(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.key_cert_sign:
        raise ValueError("this key may not sign certificates")


# As strict as RFC 5280, not as the browsers' rules: authorities inside companies are older than those, and their certificates need
# no names that a browser would want. Signatures, validity, CA:TRUE, path lengths and name constraints are checked in any case.
ANY = Criticality.AGNOSTIC
OF_CLIENTS = ExtensionPolicy.permit_all().require_present(x509.ExtendedKeyUsage, ANY, None)
OF_AUTHORITIES = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, ANY, None)
    .require_present(x509.KeyUsage, ANY, _may_issue)
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A client's certificate, as it was sent. `parsed` is None for what is none."""

    fingerprint: str
    serial: str
    parsed: x509.Certificate | None


NONE = Presented("", "", None)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An authority that is trusted, and which serial numbers it has revoked, as far as they matter."""

    certificate: x509.Certificate
    revoked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose certificate it is, in lower case, and until when it proves that; or, in `fault`, why it proves nothing."""

    common_names: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    valid_until: datetime | None = None
    fault: str = ""


def read(header: str) -> Presented:
    """The certificate in the header of a trusted proxy."""
    return _read(header) if len(header) <= LONGEST_HEADER else NONE


@lru_cache(maxsize=MOST_READ)
def _read(header: str) -> Presented:
    try:
        parsed = x509.load_pem_x509_certificate(unquote(header).encode())
        return Presented(parsed.fingerprint(SHA256()).hex(), f"{parsed.serial_number:x}", parsed)
    except NOT_READABLE:
        return NONE


def judge(presented: Presented, anchors: Sequence[Anchor], now: datetime) -> Proof:
    """Chain, validity, purpose, revocation. Never raises."""
    if presented.parsed is None:
        return Proof(fault=UNREADABLE)
    try:
        return _judged(presented.parsed, anchors, now)
    except NOT_READABLE:
        return Proof(fault=UNREADABLE)


def anchors_from(rows: Iterable[Sequence[Any]]) -> list[Anchor]:
    """From the rows of `FIND_TRUST`."""
    return [Anchor(_parsed(bytes(der)), frozenset(revoked)) for der, revoked in rows]


def _judged(certificate: x509.Certificate, anchors: Sequence[Anchor], now: datetime) -> Proof:
    if certificate.not_valid_after_utc <= now:
        return Proof(fault=EXPIRED)
    if certificate.not_valid_before_utc > now:
        return Proof(fault=NOT_YET)
    if not _is_for_clients(certificate):
        return Proof(fault=NOT_FOR_CLIENTS)
    key = certificate.public_key()
    if not strength.key_type(key) and not strength.key_type_of_authority(key):
        return Proof(fault=WEAK)
    if not anchors:
        return Proof(fault=NO_AUTHORITY)
    chain = _chain(certificate, anchors, now)
    if not chain:
        return Proof(fault=UNKNOWN_ISSUER)
    if _is_revoked(chain, anchors):
        return Proof(fault=REVOKED)
    return Proof(
        common_names=frozenset(name.lower() for name in names.common_names(certificate.subject)),
        names=frozenset(_alternatives(certificate)),
        valid_until=min(link.not_valid_after_utc for link in chain),
    )


def _is_for_clients(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage


def _chain(certificate: x509.Certificate, anchors: Sequence[Anchor], now: datetime) -> list[x509.Certificate]:
    """From the certificate to a root, each signed by the next; empty if there is none. Self-signed authorities are roots."""
    roots = [each.certificate for each in anchors if each.certificate.subject == each.certificate.issuer]
    between = [each.certificate for each in anchors if each.certificate.subject != each.certificate.issuer]
    if not roots:
        return []
    policy = PolicyBuilder().store(Store(roots)).time(now).max_chain_depth(DEEPEST)
    policy = policy.extension_policies(ca_policy=OF_AUTHORITIES, ee_policy=OF_CLIENTS)
    try:
        return policy.build_client_verifier().verify(certificate, between).chain
    except VerificationError:
        return []


def _is_revoked(chain: Sequence[x509.Certificate], anchors: Sequence[Anchor]) -> bool:
    """Each link by the one above it; a list counts for every certificate of the authority that signed it, a renewed one too."""
    revoked: dict[tuple[x509.Name, bytes], frozenset[str]] = defaultdict(frozenset)
    for each in anchors:
        revoked[_authority(each.certificate)] |= each.revoked
    return any(f"{link.serial_number:x}" in revoked[_authority(issuer)] for link, issuer in pairwise(chain))


def _authority(certificate: x509.Certificate) -> tuple[x509.Name, bytes]:
    return certificate.subject, certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _alternatives(certificate: x509.Certificate) -> Iterable[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return names.in_alternatives(found)


@lru_cache(maxsize=MOST_READ)
def _parsed(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)
