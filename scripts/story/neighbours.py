"""What stands around the product in the story, for real: a DNS authority, a mail server, a vendor's billing system."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from dnslib import QTYPE, RR, TXT, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

PATIENCE_SECONDS = 30


class Zone(BaseResolver):
    """Answers TXT questions from `records`."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        if request.q.qtype == QTYPE.TXT and name in self.records:
            reply.add_answer(RR(request.q.qname, QTYPE.TXT, rdata=TXT(self.records[name]), ttl=5))
        return reply


class Mailbox:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        letter = email.message_from_bytes(bytes(envelope.content or b""), policy=email.policy.default)
        assert isinstance(letter, EmailMessage)  # noqa: S101 - the policy above makes it one
        self.letters.append(letter)
        return "250 OK"

    def wait_for(self, recipient: str, words: str) -> EmailMessage:
        """The letter to this person with these words in it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for letter in self.letters:
                if recipient in str(letter["To"]) and words in f"{letter['Subject']} {text_of(letter)}":
                    return letter
            time.sleep(0.1)
        raise AssertionError(f"No letter to {recipient} about {words!r} within {PATIENCE_SECONDS} s.")


@dataclass
class BillingSystem:
    """A vendor's own: takes invoices by webhook."""

    port: int = 0
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait_for_one(self) -> tuple[dict[str, str], bytes]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.received:
                return self.received[0]
            time.sleep(0.1)
        raise AssertionError(f"No webhook within {PATIENCE_SECONDS} s.")


@contextmanager
def dns() -> Iterator[tuple[Zone, int]]:
    zone = Zone()
    server = DNSServer(zone, address="127.0.0.1", port=0)
    server.start_thread()
    try:
        yield zone, server.server.server_address[1]
    finally:
        server.stop()


@contextmanager
def mail() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


@contextmanager
def billing_system() -> Iterator[BillingSystem]:
    system = BillingSystem()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            system.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet: the story prints what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    system.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield system
    finally:
        server.shutdown()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    return part.get_content() if part else ""
