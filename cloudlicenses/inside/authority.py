"""The private authority: made once, where nobody else reads; it vouches for names inside one deployment and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloudlicenses.inside.files import write_whole

NAME = "CloudLicenses inside"
YEARS = timedelta(days=3653)
CLOCKS_DIFFER = timedelta(minutes=5)
USAGES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass(frozen=True, slots=True)
class Authority:
    """What it says is `pem`; its key never leaves this object and the file it is kept in."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, name: str, hosts: Sequence[str], lifetime: timedelta) -> bytes:
        """A new key and the certificate for it, in one file, for somebody who is reached as `hosts` or, with none, only calls."""
        key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            _builder(name, self.certificate.subject, key, now, now + lifetime)
            .add_extension(x509.ExtendedKeyUsage(USAGES if hosts else USAGES[1:]), critical=False)
            .add_extension(above, critical=False)
        )
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return _pem_of(key) + builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


def kept_in(directory: Path) -> Authority:
    """The authority of this directory; a new one if there is none."""
    path = directory / "private.pem"
    if not path.exists():
        write_whole(path, _made(), mode=0o600)
    kept = path.read_bytes()
    key = load_pem_private_key(kept, None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{path} is not one of ours")
    return Authority(x509.load_pem_x509_certificate(kept), key)


def _made() -> bytes:
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    ) | {"key_cert_sign": True, "crl_sign": True, "encipher_only": False, "decipher_only": False}
    certificate = (
        _builder(NAME, _named(NAME), key, now, now + YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, SHA256())
    )
    return _pem_of(key) + certificate.public_bytes(Encoding.PEM)


def _builder(
    name: str, issuer: x509.Name, key: EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, _named(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(begins - CLOCKS_DIFFER)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem_of(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
