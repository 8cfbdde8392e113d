"""Is this certificate still good? Answered as OCSP (RFC 6960) about one certificate of an authority of ours, which signs it.

The plane doesn't ask here: it looks at the same rows itself (proving.py). This is for everybody else who meets such a certificate.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from certificates import authorities, queries
from certificates.issuing import REASONS
from certificates.models import Authority, Certificate
from cloudlicenses.kit import clock

GOOD_FOR = timedelta(minutes=5)


def answer(sent: bytes) -> bytes:
    """The answer to an OCSP request, both DER. What can't be read, or is of no authority of ours, gets an answer that says so."""
    try:
        asked = ocsp.load_der_ocsp_request(sent)
        authority = _authority(asked)
    except (
        ValueError,
        NotImplementedError,
    ):  # no OCSP request, or one about several certificates: cryptography reads one
        return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if authority is None:
        return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    return _signed(asked, authority)


def _authority(asked: ocsp.OCSPRequest) -> Authority | None:
    ours = queries.authorities().filter(is_ours=True)
    return next((each for each in ours if _key_hash(each, asked) == asked.issuer_key_hash), None)


def _key_hash(authority: Authority, asked: ocsp.OCSPRequest) -> bytes:
    """Of the public key's bits, as the request hashes them; RFC 6960 wants SHA-1 understood."""
    key = x509.load_der_x509_certificate(bytes(authority.certificate)).public_key()
    bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(asked.hash_algorithm, SHA1):
        return hashlib.sha1(bits, usedforsecurity=False).digest()
    return hashlib.sha256(bits).digest() if isinstance(asked.hash_algorithm, SHA256) else b""


def _signed(asked: ocsp.OCSPRequest, authority: Authority) -> bytes:
    issuer, now = authorities.opened(authority), clock.now()
    found = authority.certificates.filter(serial=f"{asked.serial_number:x}").first()
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            asked.issuer_name_hash, asked.issuer_key_hash, asked.serial_number, asked.hash_algorithm,
            _status(found), now, now + GOOD_FOR, found.revoked_at if found else None, _reason(found),
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    )  # fmt: skip
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def _status(found: Certificate | None) -> ocsp.OCSPCertStatus:
    if found is None:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.REVOKED if found.revoked_at else ocsp.OCSPCertStatus.GOOD


def _reason(found: Certificate | None) -> x509.ReasonFlags | None:
    if found is None or not found.revoked_at or found.revocation_reason == "unspecified":
        return None
    return x509.ReasonFlags(REASONS[found.revocation_reason])


def _refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
