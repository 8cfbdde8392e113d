"""Schemathesis against the real server: no answer of 5xx, and none that the documents don't promise, whatever is sent.

The same requests are sent each time, so that a red run means a change; `SEED=2 MAX_EXAMPLES=200 make test
ARGS=tests/contract/test_fuzz.py` sends others, and goes deeper.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
BRIEF = "examples,coverage,fuzzing"
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


CREDENTIALS = {"applicationKey": application_key, "personalToken": personal_token, "vendorKey": vendor_key, "": str}


@pytest.mark.parametrize(
    ("label", "scheme"),
    [
        ("", ""),
        ("vendors", "vendorKey"),
        ("vendors", ""),
        ("mercedes", "applicationKey"),
        ("mercedes", "personalToken"),
        ("mercedes", ""),
    ],
)
def test_nothing_that_is_sent_breaks_the_contract(server: Server, tmp_path: Path, label: str, scheme: str) -> None:
    """Where a caller of this kind is let in (tests/attacks asks everything as everybody else)."""
    ended = fuzz(server, tmp_path, label, CREDENTIALS[scheme](), lambda schemes: scheme in schemes, BRIEF)
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2_000:]


@pytest.mark.parametrize("label", ["vendors", "mercedes"])
def test_nothing_that_is_sent_by_nobody_breaks_the_contract(server: Server, tmp_path: Path, label: str) -> None:
    ended = fuzz(server, tmp_path, label, "", lambda schemes: "" not in schemes, "examples,fuzzing")
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2_000:]


def fuzz(
    server: Server, folder: Path, label: str, key: str, among: Callable[[set[str]], bool], phases: str
) -> subprocess.CompletedProcess[str]:
    """Operations among those that the host tells of, chosen by which credentials they take; "" is by none."""
    told: dict[str, Any] = server.ask("GET", "/api/v1/openapi.json", label=label).json()
    operations = [operation for item in told["paths"].values() for operation in item.values()]
    for operation in operations:
        operation["parameters"] = [each for each in operation["parameters"] if each != BY_A_DEVICE]
    (folder / "openapi.json").write_text(json.dumps(told))
    chosen = [each["operationId"] for each in operations if among(schemes_of(each))]
    assert chosen
    sent = {"Host": server.host_of(label)}
    if key:
        sent |= {"Authorization": f"Bearer {key}", "X-Vendor-ID": cast.VECTOR.id}
    headers = [part for name, value in sent.items() for part in ("--header", f"{name}: {value}")]
    options = {
        "--url": server.url, "--checks": "all", "--phases": DEEP if MAX_EXAMPLES else phases,
        "--max-examples": MAX_EXAMPLES or "2", "--seed": SEED, "--generation-database": "none", "--exclude-path": UNENDING,
        "--suppress-health-check": "all",
    }  # fmt: skip
    config = ("--config-file", str(settings.BASE_DIR / "schemathesis.toml"))
    pairs = [*options.items(), *(("--include-operation-id", name) for name in chosen)]
    told_options = [part for pair in pairs for part in pair]
    command = [str(SCHEMATHESIS), *config, "run", "openapi.json", *told_options, "--no-color", *headers]
    hooks = {"SCHEMATHESIS_HOOKS": "reasons", "PYTHONPATH": str(Path(__file__).parent)}
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | hooks
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def schemes_of(operation: dict[str, Any]) -> set[str]:
    return {scheme for alternative in operation["security"] for scheme in alternative} or {""}
