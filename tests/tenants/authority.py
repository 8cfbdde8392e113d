"""A DNS authority of our own, over UDP and TCP, that says what a test wants, and misbehaves when it should."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dnslib import CNAME, QTYPE, RCODE, RR, TXT, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

Reply = Callable[[DNSRecord], DNSRecord]
MOST_OVER_UDP = 1232  # as authorities do since 2020


@dataclass
class Authority(BaseResolver):  # type: ignore[misc]  # dnslib brings no types
    """`authority.say("_cloudlicenses.acme.example", "cloudlicenses-verify=…")`."""

    port: int = 0
    zone: dict[str, list[CNAME | TXT]] = field(default_factory=dict)
    odd: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def say(self, name: str, *texts: str | list[bytes]) -> None:
        self.zone[name] = [TXT(text if isinstance(text, str) else list(text)) for text in texts]

    def alias(self, name: str, target: str) -> None:
        self.zone[name] = [CNAME(target)]

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        name = str(request.q.qname).rstrip(".").lower()
        self.asked.append((handler.protocol, name))
        if name in self.odd:
            return self.odd[name](request)
        reply = request.reply()
        if name not in self.zone:
            reply.header.rcode = RCODE.NXDOMAIN
        for data in self.zone.get(name, ()):
            reply.add_answer(RR(name, QTYPE.reverse[type(data).__name__], rdata=data, ttl=1))
        return reply if handler.protocol == "tcp" or len(reply.pack()) <= MOST_OVER_UDP else _truncated(request)


@contextmanager
def running(*, udp: bool = True) -> Iterator[Authority]:
    """On one port of 127.0.0.1, UDP and TCP."""
    authority = Authority()
    servers = _opened(authority, udp=udp)
    for server in servers:
        server.start_thread()
    try:
        yield authority
    finally:
        for server in servers:
            server.stop()
            server.server.server_close()


def _truncated(request: DNSRecord) -> DNSRecord:
    reply = request.reply()
    reply.header.tc = 1
    return reply


def failing(request: DNSRecord) -> DNSRecord:
    reply = request.reply()
    reply.header.rcode = RCODE.SERVFAIL
    return reply


def for_another_question(request: DNSRecord) -> DNSRecord:
    return DNSRecord.question("elsewhere.example", "TXT").reply()


@contextmanager
def silent_port() -> Iterator[int]:
    """Takes every question and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener.getsockname()[1]


@contextmanager
def babbling_port() -> Iterator[int]:
    """Answers every question with bytes that are no DNS message."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_babble, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"stop", listener.getsockname())
            thread.join()


def _babble(listener: socket.socket) -> None:
    while (received := listener.recvfrom(2048))[0] != b"stop":
        listener.sendto(received[0][:2] + b"\x80\x00 no message", received[1])


def _opened(authority: Authority, *, udp: bool) -> list[DNSServer]:
    """At a port that is free for both protocols; and is it taken before we have it, at another."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as tcp:
            authority.port = int(tcp.getsockname()[1])
        servers: list[DNSServer] = []
        try:
            for over_tcp in (True, False) if udp else (True,):
                quiet = DNSLogger(logf=lambda message: None)
                servers.append(
                    DNSServer(authority, address="127.0.0.1", port=authority.port, tcp=over_tcp, logger=quiet)
                )
        except OSError:
            for server in servers:
                server.server.server_close()
            continue
        return servers
    raise OSError("no port is free for both UDP and TCP")
