"""A deployment's inside on this machine: its authority, and PostgreSQL and Valkey (or Redis, which reads the same file) that speak
TLS with what deploy/ ships. The embedded servers are built without TLS, so these are Debian's; .ci/run installs them."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from cloudlicenses.inside import authority, identities
from cloudlicenses.inside.identities import Identity
from cloudlicenses.local import postgres
from cloudlicenses.local.part import launched
from cloudlicenses.local.ports import is_free, kept_port
from scripts import new_secrets

PROJECT = Path(__file__).resolve().parents[2]
DIRECTORIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
VALKEY = shutil.which("valkey-server") or shutil.which("redis-server")
# Without servers that speak TLS there is nothing to ask; .ci/run installs them, and says so where it can't.
collect_ignore = [] if DIRECTORIES and VALKEY else ["test_connections.py", "test_renewing.py", "test_the_product.py"]
SERVERS = (Identity("postgres", ("localhost",)), Identity("valkey", ("localhost",)))
CLIENTS = (Identity("authority"), Identity("product"))


@dataclass
class Inside:
    """Where everything is; `url_of_postgres("product")` is DATABASE_URL as that identity has it."""

    place: Path
    postgres_port: int = 0
    valkey_port: int = 0
    password: str = ""

    @property
    def authority(self) -> authority.Authority:
        return authority.kept_in(self.place)

    def issue(self, identity: Identity, *, lifetime: timedelta = identities.LIFETIME) -> None:
        """A new certificate, whether or not it is due."""
        (self.place / identity.name / "identity.pem").unlink(missing_ok=True)
        assert identities.renew(identity, self.authority, self.place, lifetime)

    def postgres(self, who: str, *, host: str = "localhost", user: str = "cloudlicenses_owner") -> str:
        said = self._seen_by(who, new_secrets.TO_POSTGRES)
        return f"postgresql://{user}@{host}:{self.postgres_port}/cloudlicenses?{said}"

    def valkey(self, who: str, *, host: str = "localhost") -> str:
        return f"rediss://:{self.password}@{host}:{self.valkey_port}/0?{self._seen_by(who, new_secrets.TO_VALKEY)}"

    def _seen_by(self, who: str, text: str) -> str:
        return text.replace("/run/inside", str(self.place / who))


@pytest.fixture(scope="session")
def _inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    inside = Inside(tmp_path_factory.mktemp("inside"))
    for identity in SERVERS + CLIENTS:
        inside.issue(identity)
    processes = [_start_postgres(inside), _start_valkey(inside)]
    try:
        yield inside
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


@pytest.fixture
def inside(_inside: Inside) -> Inside:
    return _inside


def _start_postgres(inside: Inside) -> subprocess.Popen[bytes]:
    """With the options and the two files that docker-compose.yml gives it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PG_BIN", str(DIRECTORIES[-1].parent))
        part = postgres.prepare(inside.place / "server").part
    inside.postgres_port = int(kept_port(inside.place / "server" / "port"))
    command = [*part.command, *_options(inside)]
    process = subprocess.Popen(launched(tuple(command), identity=part.identity, stop_signal=part.stop_signal))
    _await(part.is_ready)
    with psycopg.connect(inside.postgres("product"), autocommit=True) as owner:
        owner.execute("CREATE ROLE cl_b76edeab_app LOGIN")
    return process


def _options(inside: Inside) -> list[str]:
    text = (PROJECT / "docker-compose.yml").read_text()
    shipped = re.findall(r"- (--(?:ssl|hba_|ident_)\w*=\S+)", text)
    assert len(shipped) == 7
    places = {"/run/inside": str(inside.place / "postgres"), "/etc/cloudlicenses": str(PROJECT / "deploy/postgres")}
    return [_replaced(option, places) for option in shipped]


def _start_valkey(inside: Inside) -> subprocess.Popen[bytes]:
    """With the file that scripts/new_secrets.py writes."""
    assert VALKEY is not None
    inside.password, inside.valkey_port = "secret", kept_port(inside.place / "valkey-port")
    written = new_secrets.VALKEY.format(password=inside.password)
    places = {
        "/run/inside": str(inside.place / "valkey"), "tls-port 6379": f"tls-port {inside.valkey_port}",
        "bind * -::*": "bind 127.0.0.1", "/data": str(inside.place),
    }  # fmt: skip
    path = inside.place / "valkey.conf"
    path.write_text(_replaced(written, places))
    process = subprocess.Popen(launched((VALKEY, str(path))), stdout=subprocess.DEVNULL)
    _await(lambda: not is_free(inside.valkey_port))
    return process


def _replaced(text: str, places: dict[str, str]) -> str:
    for shipped, here in places.items():
        text = text.replace(shipped, here)
    return text


def _await(is_ready: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 60
    while not is_ready():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
