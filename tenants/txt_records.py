"""Looking a TXT record up at the resolvers of our choice. Whatever DNS does, the answer is a `Look` within 5 seconds.

Resolvers are asked in order until one answers; a truncated answer is asked for again over TCP, and so is everything when UDP brings
nothing; a CNAME is followed, also where the resolver leaves that to us; strings of one record are joined as RFC 7208 does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.resolver
from django.conf import settings

from cloudlicenses.kit.refusals import gettext_noop

UDP_SECONDS, TCP_SECONDS = 3.5, 1.0
SECONDS_A_TRY = 1.2
MOST_ALIASES = 8
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked up and what was there. `problem` says in a sentence why nothing was found, when DNS gave a reason."""

    name: str
    resolvers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    problem: str = ""

    def shows(self, value: str) -> bool:
        return value in self.texts

    @property
    def shown(self) -> list[str]:
        """The texts as far as one wants to see them: a stranger's DNS may hold anything."""
        return ["".join(char if char.isprintable() else "?" for char in text[:255]) for text in self.texts[:MOST_SHOWN]]


def look_up(name: str) -> Look:
    """The TXT records of a name. Never raises for what a DNS server, or its absence, does."""
    try:
        resolver = _resolver()
        resolvers = tuple(_address_of(server) for server in resolver.nameservers)
    except dns.exception.DNSException:
        return Look(name, problem=gettext_noop("This server has no DNS resolver."))
    try:
        return Look(name, resolvers, _texts_by_any_way(resolver, name))
    except dns.resolver.NXDOMAIN:
        return Look(name, resolvers, problem=gettext_noop("The name does not exist in DNS."))
    except dns.resolver.LifetimeTimeout:
        return Look(name, resolvers, problem=gettext_noop("The DNS resolvers did not answer in time."))
    except (dns.exception.DNSException, OSError):
        return Look(name, resolvers, problem=gettext_noop("The DNS resolvers gave no usable answer."))


def _resolver() -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not settings.DNS_RESOLVERS)
    if settings.DNS_RESOLVERS:
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(address, port) for address, port in settings.DNS_RESOLVERS
        ]
    resolver.timeout = SECONDS_A_TRY
    return resolver


def _address_of(server: str | dns.nameserver.Nameserver) -> str:
    return server if isinstance(server, str) else f"{server.answer_nameserver()}:{server.answer_port()}"


def _texts_by_any_way(resolver: dns.resolver.Resolver, name: str) -> tuple[str, ...]:
    try:
        return _texts(resolver, name, UDP_SECONDS, tcp=False)
    except (dns.resolver.LifetimeTimeout, dns.resolver.NoNameservers) as over_udp:
        try:
            return _texts(resolver, name, TCP_SECONDS, tcp=True)
        except (dns.exception.DNSException, OSError):
            raise over_udp from None


def _texts(resolver: dns.resolver.Resolver, name: str, seconds: float, *, tcp: bool) -> tuple[str, ...]:
    deadline = time.monotonic() + seconds
    target = dns.name.from_text(name)
    for _ in range(MOST_ALIASES):
        left = max(deadline - time.monotonic(), 0.01)
        answer = resolver.resolve(
            target, dns.rdatatype.TXT, tcp=tcp, raise_on_no_answer=False, search=False, lifetime=left
        )
        if answer.rrset is not None:
            return tuple(_text(record) for record in answer.rrset)
        if answer.canonical_name == target:
            return ()
        target = answer.canonical_name
    return ()


def _text(record: dns.rdtypes.ANY.TXT.TXT) -> str:
    return b"".join(record.strings).decode("utf-8", "replace").strip()
