"""The proxy's configuration in a real nginx: what a client says of itself does not reach the application."""

import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

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

    def seen(self, *, certificate: str | None = None) -> dict[str, str]:
        """The headers that the application saw of a request with spoofed ones."""
        context = ssl.create_default_context(cafile=self.directory / "certs/client-ca.pem")
        context.check_hostname = False
        if certificate:
            context.load_cert_chain(self.directory / f"{certificate}.pem", self.directory / f"{certificate}.key")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=5)
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


def test_a_verified_client_certificate_reaches_the_application(proxy: Proxy) -> None:
    sent = unquote(proxy.seen(certificate="workstation")["x-client-cert"])
    assert sent == (proxy.directory / "workstation.pem").read_text()


def test_a_certificate_of_another_authority_is_refused_by_the_proxy(proxy: Proxy) -> None:
    with pytest.raises(json.JSONDecodeError):
        proxy.seen(certificate="stranger")
