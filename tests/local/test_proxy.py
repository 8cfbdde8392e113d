"""The proxy's configuration in a real nginx: what a client says of itself does not reach the application."""

import datetime
import http.client
import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cloudlicenses.local.ports import is_free, kept_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/nginx/cloudlicenses.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
MAIN = """
daemon off; worker_processes 1; pid {prefix}/nginx.pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {prefix}/body; proxy_temp_path {prefix}/proxy; fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi; scgi_temp_path {prefix}/scgi;
    include {prefix}/cloudlicenses.conf;
}}
"""
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
    directory.chmod(0o755)
    application = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    port = _write_configuration(directory, application.server_port)
    _write_certificates(directory)
    assert NGINX is not None
    command = (NGINX, "-p", str(directory), "-c", str(directory / "nginx.conf"))
    checked = subprocess.run((*command, "-t"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield Proxy(port, directory)
    finally:
        process.terminate()
        process.wait(timeout=10)
        application.shutdown()
        application.server_close()


def _write_configuration(directory: Path, application: int) -> int:
    plain, secure = kept_port(directory / "plain"), kept_port(directory / "secure")
    text = CONFIGURATION.read_text().replace("web:8000", f"127.0.0.1:{application}")
    text = text.replace("listen 80 ", f"listen 127.0.0.1:{plain} ").replace(
        "listen 443 ", f"listen 127.0.0.1:{secure} "
    )
    (directory / "cloudlicenses.conf").write_text(text)
    (directory / "nginx.conf").write_text(MAIN.format(prefix=directory))
    return secure


def _write_certificates(directory: Path) -> None:
    certs = directory / "certs"
    certs.mkdir()
    authority = _issue("authority", None, directory)
    (certs / "client-ca.pem").write_bytes((directory / "authority.pem").read_bytes())
    for name in ("server", "workstation"):
        _issue(name, authority, directory)
    (certs / "fullchain.pem").write_bytes((directory / "server.pem").read_bytes())
    (certs / "privkey.pem").write_bytes((directory / "server.key").read_bytes())
    stranger = directory / "elsewhere"
    stranger.mkdir()
    _issue("stranger", _issue("authority", None, stranger), directory)


Issuer = tuple[ec.EllipticCurvePrivateKey, x509.Name]


def _issue(name: str, issuer: Issuer | None, directory: Path) -> Issuer:
    """A certificate and its key, as files; without an issuer it is an authority's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signer, signer_name = issuer or (key, subject)
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(signer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    (directory / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return key, subject


def _await(port: int) -> None:
    give_up_at = time.monotonic() + 10
    while is_free(port):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


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
