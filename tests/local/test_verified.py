"""In production nothing leaves the machine unencrypted, or to somebody whose name nobody has verified: it doesn't start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scripts.new_secrets import TO_POSTGRES, TO_VALKEY

AT_HOME = {
    "DATABASE_URL": "postgresql://owner@127.0.0.1/cloudlicenses", "REDIS_URL": "redis://[::1]:6379/0",
    "EMAIL_URL": "smtp://localhost:25", "SECRET_KEY": "x", "MASTER_KEY": "A" * 43 + "=", "BASE_DOMAIN": "licenses.example",
}  # fmt: skip
TO_FIX = {"DATABASE_URL": "sslmode=verify-full", "REDIS_URL": "rediss://", "EMAIL_URL": "smtps://"}
REFUSED = [
    ("DATABASE_URL", "postgresql://owner:pw@db.internal:5432/cloudlicenses"),
    ("DATABASE_URL", "postgresql://owner:pw@10.0.0.5/cloudlicenses?sslmode=require"),
    ("DATABASE_URL", "postgresql://owner:pw@db/cloudlicenses?sslmode=verify-ca&sslrootcert=/run/inside/authority.pem"),
    ("DATABASE_URL", "postgresql://owner@/cloudlicenses?host=/run/postgresql,db.internal"),
    ("DATABASE_URL", "postgresql://owner@localhost/cloudlicenses?hostaddr=10.0.0.5"),
    ("REDIS_URL", "redis://:pw@valkey:6379/0"),
    ("REDIS_URL", "rediss://:pw@valkey:6379/0?ssl_cert_reqs=none"),
    ("REDIS_URL", "rediss://:pw@valkey:6379/0?ssl_check_hostname=False"),
    ("EMAIL_URL", "smtp://mail.example:587"),
]
TAKEN = [
    ("DATABASE_URL", f"postgresql://owner@db/cloudlicenses?{TO_POSTGRES}"),
    ("DATABASE_URL", "postgresql://owner@%2Frun%2Fpostgresql/cloudlicenses"),
    ("REDIS_URL", f"rediss://:pw@valkey:6379/0?{TO_VALKEY}"),
    ("REDIS_URL", "unix:///run/valkey/valkey.sock?db=0"),
    ("EMAIL_URL", "smtp+tls://user:pw@mail.example:587"),
]


def started(**said: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": os.environ["PATH"], **AT_HOME, **said}
    command = (sys.executable, "-c", "from cloudlicenses.settings import base")
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("name", "url"), REFUSED)
def test_what_leaves_the_machine_in_clear_or_to_anybody_stops_the_start(name: str, url: str) -> None:
    refused = started(**{name: url})
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Configuration: {name} leads to another machine without ")
    assert TO_FIX[name] in refused.stderr, "it says what to write"
    assert "pw" not in refused.stderr


@pytest.mark.parametrize(("name", "url"), TAKEN)
def test_what_is_verified_or_stays_here_is_taken(name: str, url: str) -> None:
    assert started(**{name: url}).stderr == ""


def test_on_ones_own_machine_anything_goes() -> None:
    assert started(BASE_DOMAIN="localhost:8000", **dict(REFUSED)).stderr == ""
