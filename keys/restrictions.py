"""What a key is bound to: scope, network, hostname, client certificate, product. Each refusal has its own code."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys.recognising import KeyFacts
from keys.refusals import (
    ClientCertificateRejected,
    ClientCertificateRequired,
    HostnameNotAllowed,
    IpNotAllowed,
    ProductNotAllowed,
    ScopeMissing,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Presented:
    """What came with the key. `ip` is the connection's or a trusted proxy's word; `certificate` only ever a trusted proxy's
    (PEM, URL-encoded, of a certificate whose chain it has verified); hostnames are what the client says of itself."""

    ip: str
    hostnames: tuple[str, ...] = ()
    certificate: str = ""


def check(key: KeyFacts, presented: Presented, *, scope: str) -> None:
    """Raises the first refusal that applies, in the API's order."""
    if scope not in key.scopes:
        raise ScopeMissing(f"This key lacks the scope {scope}.", scope=scope)
    _check_address(key, presented.ip)
    _check_hostnames(key, presented.hostnames)
    _check_certificate(key, presented.certificate)


def check_product(key: KeyFacts, product_id: str) -> None:
    if key.allowed_products and product_id not in key.allowed_products:
        raise ProductNotAllowed


def _check_address(key: KeyFacts, ip: str) -> None:
    if not key.allowed_ip_ranges:
        return
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        raise IpNotAllowed from None
    mapped = getattr(address, "ipv4_mapped", None) or address
    if not any(mapped in network for network in networks(key.allowed_ip_ranges)):
        raise IpNotAllowed


def _check_hostnames(key: KeyFacts, hostnames: tuple[str, ...]) -> None:
    if not key.allowed_hostnames:
        return
    allowed = {name.lower() for name in key.allowed_hostnames}
    if not hostnames or not all(name.lower().rstrip(".") in allowed for name in hostnames):
        raise HostnameNotAllowed


def _check_certificate(key: KeyFacts, certificate: str) -> None:
    if not key.require_mtls:
        return
    if not certificate:
        raise ClientCertificateRequired
    if key.client_cert_cn and key.client_cert_cn.lower() not in common_names(certificate):
        raise ClientCertificateRejected


@lru_cache(maxsize=4096)
def networks(ranges: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in ranges)


@lru_cache(maxsize=1024)
def common_names(certificate: str) -> frozenset[str]:
    """The common names in a certificate's subject, in lower case; raises `ClientCertificateRejected` for what is no PEM."""
    try:
        parsed = x509.load_pem_x509_certificate(unquote(certificate).encode())
    except ValueError:
        raise ClientCertificateRejected from None
    return frozenset(str(name.value).lower() for name in parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
