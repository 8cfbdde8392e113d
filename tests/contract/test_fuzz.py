"""Schemathesis against the real server: no answer of 5xx, and none that the documents don't promise, whatever is sent.

The same requests are sent each time, so that a red run means a change; `SEED=2 MAX_EXAMPLES=200 make test
ARGS=tests/contract/test_fuzz.py` sends others, and goes deeper.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from accounts import tokens
from accounts.models import Role
from keys import issuing
from keys.signing import EDDSA, ensure_signing_keys
from tenants.context import inside, platform
from tests import builders, cast
from tests.servers import Server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
MAX_EXAMPLES = os.environ.get("MAX_EXAMPLES", "")
DEEP = "examples,coverage,fuzzing,stateful"
SEED = os.environ.get("SEED", "1")
UNENDING = "/api/v1/events/stream"  # whoever is let in is answered for ever; tests/streams listens to it
# One that is made up turns every request away, and nothing else of it would be looked at.
BY_A_DEVICE = {"$ref": "#/components/parameters/DeviceSignature"}
UNLIMITED = {"requests_per_hour": 100_000_000, "checkouts_per_minute": 1_000_000}

pytestmark = pytest.mark.timeout(3600)


def application_key() -> str:
    with inside(cast.MERCEDES.id):
        ensure_signing_keys(cast.MERCEDES.id)
        builders.granted("lic-1", total_licenses=500_000, commit_qty=200_000, max_overage=300_000)
        return builders.tenant_key(scopes=issuing.APPLICATION_SCOPES, **UNLIMITED)


def personal_token() -> str:
    with inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        return tokens.issue(builders.person(role=Role.OWNER), "fuzz", actor=builders.actor())[1]


def vendor_key() -> str:
    with platform():
        ensure_signing_keys(cast.VECTOR.id, (EDDSA, "ML-DSA-65"))
        return builders.vendor_key(scopes=issuing.VENDOR_SCOPES, **UNLIMITED)


def nobody() -> str:
    return ""


@pytest.mark.parametrize(
    ("label", "kind", "caller"),
    [
        ("", "apex", nobody),
        ("vendors", "vendors", vendor_key),
        ("vendors", "vendors", nobody),
        ("mercedes", "tenant", application_key),
        ("mercedes", "tenant", personal_token),
        ("mercedes", "tenant", nobody),
    ],
    ids=lambda value: getattr(value, "__name__", value or "-"),
)
def test_nothing_that_is_sent_breaks_the_contract(
    server: Server, tmp_path: Path, label: str, kind: str, caller
) -> None:
    told = server.ask("GET", "/api/v1/openapi.json", label=label).json()
    for operation in (each for item in told["paths"].values() for each in item.values()):
        operation["parameters"] = [each for each in operation["parameters"] if each != BY_A_DEVICE]
    (tmp_path / f"{kind}.json").write_text(json.dumps(told))

    brief = "examples,coverage,fuzzing" if caller is not nobody or kind == "apex" else "examples,fuzzing"
    ended = fuzz(server, tmp_path / f"{kind}.json", label, caller(), phases=DEEP if MAX_EXAMPLES else brief)

    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2_000:]


def fuzz(server: Server, told: Path, label: str, key: str, *, phases: str) -> subprocess.CompletedProcess[str]:
    sent = {"Host": server.host_of(label)}
    if key:
        sent |= {"Authorization": f"Bearer {key}", "X-Vendor-ID": cast.VECTOR.id}
    headers = [part for name, value in sent.items() for part in ("--header", f"{name}: {value}")]
    options = {
        "--url": server.url, "--checks": "all", "--phases": phases, "--max-examples": MAX_EXAMPLES or "2", "--seed": SEED,
        "--generation-database": "none", "--exclude-path": UNENDING,
        "--suppress-health-check": "all",
    }  # fmt: skip
    told_options = [part for pair in options.items() for part in pair]
    configured = [str(SCHEMATHESIS), "--config-file", str(settings.BASE_DIR / "schemathesis.toml"), "run", str(told)]
    command = [*configured, *told_options, "--no-color", *headers]
    hooks = {"SCHEMATHESIS_HOOKS": "reasons", "PYTHONPATH": str(Path(__file__).parent)}
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | hooks
    return subprocess.run(command, cwd=told.parent, env=environment, capture_output=True, text=True, check=False)
