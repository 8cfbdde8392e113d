"""Whom a network address stands for."""

from __future__ import annotations

import ipaddress

NOBODY = ipaddress.IPv4Address(0)  # who has no address, as a test's client


def network_of(address: str) -> str:
    """An IPv6 customer has a /64 to call from. IPv4 written as IPv6 stays one address: all of them share a /64."""
    parsed = ipaddress.ip_address(address or NOBODY)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, 64), strict=False) if parsed.version == 6 else parsed)
