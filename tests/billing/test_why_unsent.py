"""Why a message did not arrive, told by what really happens on the wire, and said in the language of whoever reads it."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from cloudlicenses.web.outgoing import problems, wire
from cloudlicenses.web.outgoing.problems import Unsent
from tests.billing import receiver
from tests.certificates import pki

BEGAN, ENDED = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
OURS = ["DNS:localhost"]


@pytest.fixture(autouse=True)
def _at_home(settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pki.Identity:
    """An authority that this process trusts as it trusts those of the system."""
    made = pki.authority()
    file = tmp_path / "roots.pem"
    file.write_text(made.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return made


@contextmanager
def _shows(identity: pki.Identity, directory: Path) -> Iterator[str]:
    """A server that shows this certificate to whoever calls; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.saved(directory))
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(120)

    def shake_hands_once() -> None:
        caller, _ = listening.accept()
        with caller, pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(caller, server_side=True)

    thread = threading.Thread(target=shake_hands_once)
    thread.start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}/in"
    finally:
        thread.join()
        listening.close()


def _why(url: str) -> str:
    with pytest.raises(Unsent) as unsent:
        wire.post(url, b"{}", {})
    return unsent.value.code


@pytest.mark.parametrize(
    ("also", "dates", "code"),
    [
        (OURS, {"begins": BEGAN, "ends": ENDED}, "certificate_expired"),
        (["DNS:hooks.vector.example"], {}, "certificate_misnamed"),
    ],
)
def test_a_certificate_that_does_not_do_is_told_from_others(
    root: pki.Identity, tmp_path: Path, also: list[str], dates: dict[str, datetime], code: str
) -> None:
    with _shows(pki.client(root, also=also, usage=(pki.SERVER,), **dates), tmp_path) as url:
        assert _why(url) == code


def test_a_certificate_of_nobody_known_is_said_to_be_one(tmp_path: Path) -> None:
    with _shows(pki.client(None, also=OURS, usage=(pki.SERVER,)), tmp_path) as url:
        assert _why(url) == "certificate_untrusted"


def test_a_connection_says_how_it_failed() -> None:
    with receiver.running() as system:
        assert _why(system.url("/close")) == "connection_lost"
    assert _why("http://127.0.0.1:1/in") == "connection_refused"
    assert _why("http://nowhere.invalid/in") == "name_unknown"


def test_an_address_of_our_own_is_named(settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    with pytest.raises(Unsent) as unsent:
        wire.post("http://localhost:1/in", b"{}", {})
    assert unsent.value.about["host"] == "localhost"
    assert ipaddress.ip_address(str(unsent.value.about["address"])).is_loopback


def test_a_german_reads_it_in_german() -> None:
    attempt = {"problem": "It answered 503.", "code": "answered", "about": {"status": 503}}
    assert problems.in_words(attempt) == "It answered 503."
    with translation.override("de"):
        assert problems.in_words(attempt) == "Die Antwort war 503."
        assert problems.in_words({"problem": "", "code": "", "about": {}}) == ""


def test_what_was_kept_before_there_were_codes_stays_readable() -> None:
    with translation.override("de"):
        assert problems.in_words({"problem": "It did not answer in time."}) == "Es kam keine rechtzeitige Antwort."
        assert problems.in_words({"problem": "The connection failed: 5 %"}) == "The connection failed: 5 %"


def test_a_code_whose_sentence_has_become_another_is_read_as_it_was_kept() -> None:
    for attempt in ({"code": "gone", "about": {}}, {"code": "answered", "about": {"other": 1}}):
        assert problems.in_words({"problem": "It answered 503.", **attempt}) == "It answered 503."


@pytest.mark.parametrize(("status", "code"), [(302, "redirected"), (404, "answered"), (503, "answered")])
def test_an_answer_that_is_no_success_is_a_problem(status: int, code: str) -> None:
    assert problems.of_status(status).code == code
