"""A real SMTP server, and time that stands where a test puts it."""

from __future__ import annotations

import socket
from asyncio import AbstractServer
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django.fixtures import Settings

from cloudlicenses.kit import clock

Pass = Callable[[timedelta], None]


@dataclass
class PostOffice:
    """What came in; `refusals` says how many letters it turns away first."""

    letters: list[EmailMessage] = field(default_factory=list)
    refusals: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


class Counter(Controller):
    """Of a post office: at a port that is its own from the beginning, and as slow to open as a busy machine is."""

    def __init__(self, listening: socket.socket, office: PostOffice) -> None:
        self._listening = listening
        host, port = listening.getsockname()
        super().__init__(office, hostname=host, port=port, ready_timeout=120)

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        counter = Counter(listening, office)
        counter.start()
        yield office
        counter.stop()


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Pass:
    ahead, real = [timedelta(0)], clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead[0])
    return lambda more: ahead.append(ahead.pop() + more)
