"""nginx with the configuration that we deploy, on ports of its own, in front of the applications of a test."""

import datetime
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cloudlicenses.local.ports import is_free, kept_port

HOSTS = ("localhost", "mercedes.localhost", "bmw.localhost")
CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/nginx/cloudlicenses.conf"
WEB_PROCESSES = ("web", "web-2")
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


@contextmanager
def started(directory: Path, applications: tuple[int, ...]) -> Iterator[int]:
    """The port for TLS. `applications`: the ports of those that are deployed as web and web-2; one may stand for both."""
    directory.chmod(0o755)
    port = _write_configuration(directory, applications)
    _write_certificates(directory)
    assert NGINX is not None
    command = (NGINX, "-p", str(directory), "-c", str(directory / "nginx.conf"))
    checked = subprocess.run((*command, "-t"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _write_configuration(directory: Path, applications: tuple[int, ...]) -> int:
    plain, secure = kept_port(directory / "plain"), kept_port(directory / "secure")
    left = list(applications)
    text, servers = re.subn(
        r"server unix:/run/web/web(-2)?.sock",
        lambda _: f"server 127.0.0.1:{left.pop(0) if len(left) > 1 else left[0]}",
        CONFIGURATION.read_text(),
    )
    assert servers == len(WEB_PROCESSES)
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
    _issue("server", authority, directory)
    (certs / "fullchain.pem").write_bytes((directory / "server.pem").read_bytes())
    (certs / "privkey.pem").write_bytes((directory / "server.key").read_bytes())


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
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    (directory / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return key, subject


def _await(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while is_free(port):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
