"""The certificates of a customer, as they could have come about, and keys that are bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certificates import building, issuing, uploading
from certificates.models import Certificate
from certificates.names import as_alternative
from cloudlicenses.demo.past import Act
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from keys import issuing as keys
from keys.issuing import Restrictions

BUILD_SERVER, WORKSTATION = "Build server 3", "Workstation 042"
WORKSTATIONS = "DaVinci Configurator SE workstations"  # the key of the first deal (loading.py)
# Common name, other names, so many days ago, for so many days. One is over, one soon will be.
ISSUED = (
    ("demo-rig.mercedes.com", (), 86.6, 80),
    ("ws-042.mercedes.com", ("DNS:ws-042.mercedes.com",), 86.1, 365),
    ("build-server-3.mercedes.com", ("DNS:build-server-3.mercedes.com",), 83.9, 90),
    ("ws-017.mercedes.com", ("DNS:ws-017.mercedes.com",), 70.2, 365),
    ("ci-runner-4.mercedes.com", ("URI:spiffe://mercedes.com/powertrain/ci-runner-4",), 20.8, 180),
)
STOLEN = "ws-017.mercedes.com"


def acts(customer_id: str, company: str, person: Actor) -> Iterator[Act]:
    yield 87.2, lambda: uploading.upload(person, _corporate_root(company))
    for common_name, names, days_ago, days in ISSUED:
        yield days_ago, partial(issuing.issue, person, _request(common_name, names), days=days)
    yield 12.3, partial(_revoke, person, STOLEN)
    yield 83.7, partial(
        keys.issue, person, owner=customer_id, app_name=BUILD_SERVER, app_type="ci_cd", expires_in_days=93,
        restrictions=Restrictions(require_mtls=True, client_cert_cn="build-server-3.mercedes.com"),
    )  # fmt: skip
    yield 40.1, partial(
        keys.issue, person, owner=customer_id, app_name=WORKSTATION, expires_in_days=365,
        restrictions=Restrictions(
            ("ws-042.mercedes.com",), ("10.20.0.0/16",), ("davinci-configurator-se",), require_device=True
        ),
    )  # fmt: skip


def _revoke(person: Actor, common_name: str) -> None:
    certificate = Certificate.objects.get(common_name=common_name)
    issuing.revoke(person, certificate.id, reason="key_compromise")


def _corporate_root(company: str) -> str:
    """In PEM. Nobody has its key any more, and nobody needs it."""
    key, now = generate_private_key(SECP256R1()), clock.now()
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, company),
        x509.NameAttribute(NameOID.COMMON_NAME, "Corporate Machines Root G3"),
    ])  # fmt: skip
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + building.LIFE_OF_AUTHORITY
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
    )
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def _request(common_name: str, names: Sequence[str]) -> str:
    asked = x509.CertificateSigningRequestBuilder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
    if names:
        alternatives = x509.SubjectAlternativeName([as_alternative(name) for name in names])
        asked = asked.add_extension(alternatives, critical=False)
    return asked.sign(generate_private_key(SECP256R1()), SHA256()).public_bytes(Encoding.PEM).decode()
