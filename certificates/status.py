"""Is this certificate still good? Answered as OCSP (RFC 6960) about one certificate of an authority of ours, which signs it.

The plane doesn't ask here: it looks at the same rows itself (proving.py). This is for everybody else who meets such a certificate.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from certificates import authorities, queries
from certificates.issuing import REASONS
from certificates.models import Authority, Certificate
from certificates.unreadable import UNREADABLE
from cloudlicenses.kit import clock

GOOD_FOR = timedelta(minutes=5)


def answer(sent: bytes) -> bytes:
    """The answer to an OCSP request, both DER. What can't be read, or is of no authority of ours, gets an answer that says so."""
    try:
        asked = ocsp.load_der_ocsp_request(sent)
        authority = _authority(asked)
        nonces = [one.value for one in asked.extensions if isinstance(one.value, x509.OCSPNonce)]
    except (
        *UNREADABLE,
        NotImplementedError,
    ):  # no OCSP request; one about several certificates: cryptography reads one
        return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if authority is None:
        return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    return _signed(asked, authority, nonces)


def _authority(asked: ocsp.OCSPRequest) -> Authority | None:
    if asked.serial_number < 0:
        raise ValueError("a serial number is no negative one")
    wanted = (asked.issuer_name_hash, asked.issuer_key_hash)
    ours = queries.authorities().filter(is_ours=True)
    return next((each for each in ours if _hashes(each, asked.hash_algorithm) == wanted), None)


def _hashes(authority: Authority, algorithm: HashAlgorithm) -> tuple[bytes, bytes] | None:
    """Of the name and of the public key's bits, as the request hashes them; RFC 6960 wants SHA-1 understood."""
    if not isinstance(algorithm, SHA1 | SHA256):
        return None
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    bits = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _hashed(certificate.subject.public_bytes(), algorithm), _hashed(bits, algorithm)


def _hashed(content: bytes, algorithm: HashAlgorithm) -> bytes:
    return hashlib.new(algorithm.name, content, usedforsecurity=False).digest()


def _signed(asked: ocsp.OCSPRequest, authority: Authority, nonces: list[x509.OCSPNonce]) -> bytes:
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
    for nonce in nonces:
        builder = builder.add_extension(nonce, critical=False)
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
