"""The proxy's configuration in a real nginx: what a client says of itself does not reach the application."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.certificates import pki
from tests.local import proxies

SPOOFED = {
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Proto": "http",
    "X-Client-Cert": "forged",
    "X-Real-IP": "10.0.0.1",
    "Forwarded": "for=10.0.0.1",
    "X-Forwarded-Host": "other.example",
}


class _Application(BaseHTTPRequestHandler):
    """Answers with the headers that reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@dataclass
class Proxy:
    port: int
    directory: Path

    def seen(self, *, client: pki.Identity | None = None) -> dict[str, str]:
        """The headers that the application saw of a request with spoofed ones."""
        context = ssl.create_default_context(cafile=self.directory / "authority.pem")
        context.check_hostname = False
        if client:
            context.load_cert_chain(client.saved(self.directory))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        connection.request("GET", "/", headers={**SPOOFED, "Host": "mercedes.licenses.example"})
        body = connection.getresponse().read()
        connection.close()
        return {name.lower(): value for name, value in json.loads(body).items()}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx with our configuration, in front of an application that tells what reached it."""
    directory = tmp_path_factory.mktemp("nginx")
    application = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    with proxies.started(directory, (application.server_port,)) as port:
        yield Proxy(port, directory)
    application.shutdown()
    application.server_close()


def test_what_a_client_says_of_itself_is_replaced(proxy: Proxy) -> None:
    seen = proxy.seen()
    assert seen["host"] == "mercedes.licenses.example"
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "https"
    assert not {"x-client-cert", "x-real-ip", "forwarded", "x-forwarded-host"} & set(seen)


AUTHORITY = pki.authority("an authority")
NOW = datetime.now(UTC)
CLIENTS = {
    "of an authority that nginx doesn't know": pki.client(AUTHORITY),
    "self-signed": pki.client(None),
    "expired": pki.client(AUTHORITY, begins=NOW - 2 * pki.DAY, ends=NOW - pki.DAY),
    "expired and self-signed": pki.client(None, begins=NOW - 2 * pki.DAY, ends=NOW - pki.DAY),
    "not valid yet": pki.client(AUTHORITY, begins=NOW + pki.DAY, ends=NOW + 2 * pki.DAY),
    "for servers": pki.client(AUTHORITY, usage=(pki.SERVER,)),
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_whoever_holds_the_key_of_a_certificate_shows_it_to_the_application(proxy: Proxy, client: pki.Identity) -> None:
    assert unquote(proxy.seen(client=client)["x-client-cert"]) == client.pem


def test_nobody_shows_a_certificate_whose_key_they_lack(proxy: Proxy) -> None:
    stolen = pki.Identity(pki.client(AUTHORITY).certificate, pki.new_key())
    with pytest.raises(ssl.SSLError):
        proxy.seen(client=stolen)


def test_over_plain_http_pages_lead_to_https_and_the_api_refuses(proxy: Proxy) -> None:
    def asked(method: str, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        port = int((proxy.directory / "plain").read_text())
        headers = {"Host": "mercedes.licenses.example", "Authorization": "Bearer clsk_mercedes_x"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request(method, path, b"{}" if method == "POST" else None, headers)
            answer = connection.getresponse()
            return answer, answer.read()

    page, _ = asked("GET", "/licenses?page=2")
    assert (page.status, page.headers["Location"]) == (301, "https://mercedes.licenses.example/licenses?page=2")
    for method, path in (
        ("POST", "/api/v1/licenses/checkout"),
        ("GET", "/api/v1/audit"),
        ("GET", "//api/../api/v1/audit"),
    ):
        answer, body = asked(method, path)
        assert (answer.status, answer.headers["Location"]) == (403, None)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["code"] == "https_required"


@pytest.mark.parametrize(
    "suite",
    ["AES128-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"],
)
def test_only_suites_with_forward_secrecy_are_spoken(suite: str, proxy: Proxy) -> None:
    def speak(suites: str) -> str:
        context = ssl.create_default_context(cafile=proxy.directory / "authority.pem")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suites)
        with (
            socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as plain,
            context.wrap_socket(plain, server_hostname="mercedes.localhost") as spoken,
        ):
            return str((spoken.cipher() or ("",))[0])

    assert speak(f"{suite}:ECDHE-ECDSA-AES128-GCM-SHA256") == "ECDHE-ECDSA-AES128-GCM-SHA256"
    with pytest.raises(ssl.SSLError):
        speak(suite)
