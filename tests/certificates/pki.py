"""Certificates of every sort for the tests: authorities as companies have them, and clients good and bad."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certificates import names

DAY = timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def short_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused


@dataclass
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any = field(repr=False)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def saved(self, directory: Path) -> Path:
        """One file with both, as TLS clients take it."""
        path = directory / f"client-{self.certificate.serial_number:x}.pem"
        path.write_bytes(self.key_pem + self.pem.encode())
        return path

    @property
    def header(self) -> str:
        """As nginx writes `$ssl_client_escaped_cert`."""
        return quote(self.pem, safe="")


def authority(name: str = "Mercedes Root", above: Identity | None = None, **unusual: Any) -> Identity:
    """A root, or one between. `unusual`: `ca`, `key`, `begins`, `ends`, `path_length`, `may_sign`, `constraints`."""
    made = unusual.get("key") or new_key()
    builder = _dated(name, above, made, unusual).add_extension(
        x509.BasicConstraints(unusual.get("ca", True), unusual.get("path_length")), critical=True
    )
    builder = builder.add_extension(_usage(unusual.get("may_sign", True)), critical=True)
    if constraints := unusual.get("constraints"):
        builder = builder.add_extension(constraints, critical=True)
    return _signed(builder, above, made)


def client(
    issuer: Identity | None, name: str = "ws-042", *, also: Sequence[str] = (), usage: Any = (CLIENT,), **unusual: Any
) -> Identity:
    """A client of an authority, or self-signed."""
    made = unusual.get("key") or new_key()
    builder = _dated(name, issuer, made, unusual).add_extension(x509.BasicConstraints(False, None), critical=True)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usage)), critical=False)
    if also:
        alternatives = x509.SubjectAlternativeName([names.as_alternative(each) for each in also])
        builder = builder.add_extension(alternatives, critical=False)
    return _signed(builder, issuer, made)


def request(name: str = "ws-042", *, also: Sequence[x509.GeneralName] = (), key: Any = None) -> str:
    """A signing request in PEM; its key is lost unless it is given."""
    builder = x509.CertificateSigningRequestBuilder(named(name))
    if also:
        builder = builder.add_extension(x509.SubjectAlternativeName(also), critical=False)
    made = key or new_key()
    return builder.sign(made, _hash_for(made)).public_bytes(Encoding.PEM).decode()


def request_for_a_name_of_no_sort() -> str:
    """An X.400 address, which nobody has used since."""
    name = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex("3002a300"))
    builder = x509.CertificateSigningRequestBuilder(named("ws-042")).add_extension(name, critical=False)
    return builder.sign(new_key(), SHA256()).public_bytes(Encoding.PEM).decode()


def of_another_version(pem: str) -> str:
    """A certificate or a request whose version nobody has defined."""
    if "REQUEST" in pem:
        sent = x509.load_pem_x509_csr(pem.encode()).public_bytes(Encoding.DER)
        return _as_pem(sent.replace(b"\x02\x01\x00", b"\x02\x01\x07", 1), "CERTIFICATE REQUEST")
    sent = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return _as_pem(sent.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1), "CERTIFICATE")


def _as_pem(der: bytes, kind: str) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n"


def revocation_list(
    issuer: Identity, serials: Sequence[int], *, issued: datetime | None = None, also: x509.ExtensionType | None = None
) -> bytes:
    """DER."""
    at = issued or datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, at, at + DAY)
    for serial in serials:
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, at).build())
    if also:
        builder = builder.add_extension(also, critical=True)
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def _dated(name: str, issuer: Identity | None, key: Any, unusual: dict[str, Any]) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    subject = named(name)
    return x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=unusual.get("begins", now - DAY),
        not_valid_after=unusual.get("ends", now + DAY),
    )


def _usage(may_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(True, False, False, False, False, may_sign, may_sign, False, False)


def _signed(builder: x509.CertificateBuilder, issuer: Identity | None, key: Any) -> Identity:
    signer = issuer.key if issuer else key
    return Identity(builder.sign(signer, _hash_for(signer)), key)


def _hash_for(key: Any) -> SHA256 | None:
    return None if isinstance(key, Ed25519PrivateKey) else SHA256()
