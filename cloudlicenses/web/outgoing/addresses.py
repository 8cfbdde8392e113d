"""Where webhooks may go: to public addresses, looked at after name resolution and at the very address that is connected to.

A name is resolved once and the connection made to what was judged, so that a name server can't show us one address and lead
us to another. Host header, SNI and certificate check keep the name. WEBHOOKS_ALLOW_PRIVATE lifts this for a laptop.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import httpx
from django.conf import settings

from cloudlicenses.kit.refusals import Said, gettext_noop
from cloudlicenses.web.outgoing.problems import Unsent
from cloudlicenses.web.outgoing.refusals import UnfitUrl

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 500
LAST_PORT = 65_535
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "fec0::/10",
    )
)


class AddressRefused(Unsent):
    """The name doesn't resolve, or leads to where webhooks don't go."""


def checked_url(text: str) -> str:
    """The URL as it will be called; raises `UnfitUrl`. Names are judged again, by address, at each sending."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise UnfitUrl(gettext_noop("This is not a URL.")) from None
    schemes = ("https", "http") if settings.WEBHOOKS_ALLOW_PRIVATE else ("https",)
    if url.scheme not in schemes:
        allowed = ", ".join(f"{scheme}://" for scheme in schemes)
        raise UnfitUrl(Said(gettext_noop("The URL must start with %(allowed)s."), allowed=allowed))
    if not url.host or url.userinfo or url.fragment:
        raise UnfitUrl(gettext_noop("The URL needs a host, and must have no user name, password or fragment."))
    if len(str(url)) > LONGEST_URL:
        raise UnfitUrl(Said(gettext_noop("The URL must have at most %(most)s characters."), most=LONGEST_URL))
    if url.port is not None and not 1 <= url.port <= LAST_PORT:
        raise UnfitUrl(gettext_noop("There is no such port."))
    literal = _literal(url.host)
    if literal and not is_public(literal) and not settings.WEBHOOKS_ALLOW_PRIVATE:
        raise UnfitUrl(gettext_noop("Webhooks are sent to public addresses only."))
    return str(url)


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them judged; raises `AddressRefused` if a single one isn't public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("name_unknown", host=host) from None
    addresses = list(dict.fromkeys(str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found))
    if not settings.WEBHOOKS_ALLOW_PRIVATE:
        _refuse_private(host, map(ipaddress.ip_address, addresses))
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the Internet; one that carries an IPv4 address is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        if carried := _carried(address):
            return is_public(carried)
        if any(address in network for network in NAT64):
            return False
    if any(address in network for network in SPECIAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_unspecified


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64[0] or int(address) >> 32 == 0:  # NAT64, and the old "IPv4-compatible" ::a.b.c.d
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _refuse_private(host: str, addresses: Iterable[Address]) -> None:
    for address in addresses:
        if not is_public(address):
            raise AddressRefused("address_not_public", host=host, address=str(address))


def _literal(host: str) -> Address | None:
    """The address that a host is; also in the short forms that resolvers understand: `127.1`, `0x7f000001`."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
