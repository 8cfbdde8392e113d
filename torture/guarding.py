"""All that can be asked for beside a key, asked for: what the customers' applications then have to show (papers.py), made as their
vendor and their administrators make it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from applications import devices, fingerprints
from applications.signing import secrets
from certificates import issuing as certificates
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.actor import SYSTEM
from keys import issuing
from tenants.context import acting_for, inside, platform
from torture.papers import GUARDED
from vendors import onboarding
from vendors.models import Product

VENDOR = "vendor"
MACHINE = "workstation.example"
FINGERPRINT = "sha256:the-one-that-was-approved"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a customer's best guarded key needs."""

    sealed_key: str
    certificate: str
    device: str
    fingerprint: str
    secret: str


def make_vendor_whose_applications_sign() -> str:
    """The secret that they sign with."""
    with platform():
        onboarding.create_vendor(SYSTEM, id=VENDOR, name="Vendor", email="vendor@vendor.example")
        Product.objects.create(id=GUARDED, vendor_id=VENDOR, name=GUARDED, created_at=clock.now())
    with acting_for(VENDOR):
        secret = secrets.generate(SYSTEM, VENDOR, GUARDED).text
        secrets.require(SYSTEM, VENDOR, GUARDED, is_required=True)
    return secret


def guard(tenant_id: str, secret: str, usual: issuing.Restrictions) -> Sealed:
    """A customer lets no new program of the product in, and has a key that asks for the machine's certificate and device."""
    with inside(tenant_id):
        _let_one_program_in()
        bound = replace(usual, require_mtls=True, client_cert_cn=MACHINE, require_device=True)
        key = issuing.issue(SYSTEM, owner=tenant_id, app_name="torture, sealed", restrictions=bound).text
        return Sealed(key, quote(_certificate()), _device(), FINGERPRINT, secret)


def _let_one_program_in() -> None:
    seen = fingerprints.Sighting(GUARDED, FINGERPRINT, "learned", "observe", "1", "", clock.now(), SYSTEM)
    fingerprints.learn([seen])
    fingerprints.set_mode(SYSTEM, GUARDED, "block")


def _certificate() -> str:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, MACHINE)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return certificates.issue(SYSTEM, request.public_bytes(Encoding.PEM).decode(), days=2).pem


def _device() -> str:
    """Its private key, which an approved device has."""
    key = Ed25519PrivateKey.generate()
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    device, _ = devices.register(SYSTEM, devices.Wanted(signatures.ED25519, der, MACHINE))
    devices.approve(SYSTEM, device.id)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
