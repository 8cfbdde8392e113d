"""What a key is bound to, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cloudlicenses.kit.refusals import Refusal
from keys.recognising import KeyFacts
from keys.refusals import ClientCertificateRejected, HostnameNotAllowed, IpNotAllowed
from keys.restrictions import Presented, check

KEY = KeyFacts(
    id="key-1", owner="mercedes", app_name="w", scopes=("license:checkout",), allowed_hostnames=(), allowed_ip_ranges=(),
    allowed_products=(), require_mtls=False, client_cert_cn="", checkouts_per_minute=None, requests_per_hour=None,
    expires_at=None, revoked_at=None,
)  # fmt: skip


def refusal(key: KeyFacts, presented: Presented) -> type[Refusal] | None:
    try:
        check(key, presented, scope="license:checkout")
    except Refusal as refused:
        return type(refused)
    return None


@pytest.mark.parametrize(
    ("ranges", "address", "is_allowed"),
    [
        (("10.0.0.0/8",), "10.255.0.1", True),
        (("10.0.0.0/8",), "11.0.0.1", False),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", True),  # the same address, as a dual-stack socket tells it
        (("203.0.113.7/32", "2001:db8::/32"), "2001:db8:1::1", True),
        (("2001:db8::/32",), "2001:db9::1", False),
        (("2001:db8::/32",), "10.0.0.1", False),
        (("10.0.0.0/8",), "", False),
        (("10.0.0.0/8",), "not an address", False),
        ((), "198.51.100.1", True),
    ],
)
def test_addresses(ranges: tuple[str, ...], address: str, is_allowed: bool) -> None:
    found = refusal(replace(KEY, allowed_ip_ranges=ranges), Presented(ip=address))
    assert found is (None if is_allowed else IpNotAllowed)


@pytest.mark.parametrize(
    ("named", "is_allowed"),
    [
        (("dev-ws-042.mercedes.com",), True),
        (("DEV-WS-042.mercedes.com.",), True),
        (("dev-ws-043.mercedes.com",), False),
        (("dev-ws-042.mercedes.com", "elsewhere.example"), False),  # header and body have to agree with the key, both
        ((), False),
    ],
)
def test_hostnames(named: tuple[str, ...], is_allowed: bool) -> None:
    found = refusal(
        replace(KEY, allowed_hostnames=("dev-ws-042.mercedes.com",)), Presented(ip="10.0.0.1", hostnames=named)
    )
    assert found is (None if is_allowed else HostnameNotAllowed)


def certificate(common_name: str) -> str:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1, not_valid_before=day,
        not_valid_after=day + timedelta(days=3650),
    ).sign(key, None)  # fmt: skip
    return built.public_bytes(Encoding.PEM).decode().replace("\n", "%0A").replace(" ", "%20").replace("+", "%2B")


def test_certificates() -> None:
    bound = replace(KEY, require_mtls=True, client_cert_cn="davinci-ws-042.mercedes.com")
    assert refusal(bound, Presented("10.0.0.1", certificate=certificate("DaVinci-ws-042.mercedes.com"))) is None
    assert refusal(bound, Presented("10.0.0.1", certificate=certificate("other"))) is ClientCertificateRejected
    assert refusal(bound, Presented("10.0.0.1", certificate="nonsense")) is ClientCertificateRejected
