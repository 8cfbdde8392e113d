"""What a key is bound to: scope, network, hostname, client certificate, product. Each refusal has its own code."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from functools import lru_cache

import idna
import msgspec

from certificates.proving import EXPIRED, Proof
from cloudlicenses.kit import clock
from keys.recognising import KeyFacts
from keys.refusals import (
    ClientCertificateRejected,
    ClientCertificateRequired,
    HostnameNotAllowed,
    IpNotAllowed,
    ProductNotAllowed,
    ScopeMissing,
)

MAPPED_PREFIX = 96  # of ::ffff:0:0/96
LONGEST_NAME = 254  # with the dot of the root; a longer one is nobody's, and not worth the work of `canonical`

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# What the key is bound to stays untold: whoever asks may have stolen it.
LOOK = "Use the certificate of this very machine; an administrator sees on the key's page what it is bound to, and can change it."
OTHER_COMMON_NAME = f"The client certificate has another common name than this key is bound to. {LOOK}"
OTHER_NAMES = (
    f"The client certificate carries none of the names (DNS, e-mail, SPIFFE id) that this key is bound to. {LOOK}"
)


class Presented(msgspec.Struct, frozen=True):
    """What came with the key. `ip` is the connection's or a trusted proxy's word; hostnames are what the client says of itself;
    `proof` is what the certificate that a trusted proxy has passed on proves, None without one."""

    ip: str
    hostnames: tuple[str, ...] = ()
    proof: Proof | None = None


def check(key: KeyFacts, presented: Presented, *, scope: str) -> None:
    """Raises the first refusal that applies, in the API's order."""
    if scope not in key.scopes:
        raise ScopeMissing(f"This key lacks the scope {scope}.", scope=scope)
    _check_address(key, presented.ip)
    _check_hostnames(key, presented.hostnames)
    _check_certificate(key, presented.proof)


def check_product(key: KeyFacts, product_id: str) -> None:
    if key.allowed_products and product_id not in key.allowed_products:
        raise ProductNotAllowed


def _check_address(key: KeyFacts, ip: str) -> None:
    if key.allowed_ip_ranges and not _is_within(ip, key.allowed_ip_ranges):
        raise IpNotAllowed


def _check_hostnames(key: KeyFacts, hostnames: tuple[str, ...]) -> None:
    if not key.allowed_hostnames:
        return
    allowed = _canonical(key.allowed_hostnames)
    if not hostnames or not all(len(name) <= LONGEST_NAME and canonical(name) in allowed for name in hostnames):
        raise HostnameNotAllowed


def _check_certificate(key: KeyFacts, proof: Proof | None) -> None:
    if not key.needs_certificate:
        return
    if proof is None:
        raise ClientCertificateRequired
    if proof.fault:
        raise ClientCertificateRejected(proof.fault)
    if proof.valid_until is None or proof.valid_until <= clock.now():
        raise ClientCertificateRejected(EXPIRED)
    if key.client_cert_cn and key.client_cert_cn.lower() not in proof.common_names:
        raise ClientCertificateRejected(OTHER_COMMON_NAME)
    if key.client_cert_names and proof.names.isdisjoint(key.client_cert_names):
        raise ClientCertificateRejected(OTHER_NAMES)


@lru_cache(maxsize=4096)
def _is_within(ip: str, ranges: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks(ranges))


@lru_cache(maxsize=4096)
def networks(ranges: tuple[str, ...]) -> tuple[Network, ...]:
    """IPv4 written as IPv6 is IPv4, as it is of addresses."""
    return tuple(map(_network, ranges))


@lru_cache(maxsize=4096)
def canonical(hostname: str) -> str:
    """A name as it is compared: in lower case, in its ASCII form (UTS 46, as browsers do), without the dot of the root."""
    name = hostname.removesuffix(".")
    if not name.isascii():
        with suppress(idna.IDNAError, UnicodeError):
            return idna.encode(name, uts46=True).decode()
        return name
    return name.lower()


@lru_cache(maxsize=4096)
def _canonical(hostnames: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(canonical, hostnames))


def _network(text: str) -> Network:
    network = ipaddress.ip_network(text, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < MAPPED_PREFIX:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - MAPPED_PREFIX))
