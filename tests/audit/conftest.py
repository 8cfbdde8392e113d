"""An auditor with exports and the public keys, and the superuser who bends the log behind the application's back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts import tokens
from audit import events
from audit.models import TreeLeaf
from audit.seals.models import SealDue
from cloudlicenses.kit import clock
from tenants import sealing
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders, cast, sites

SDK = Path(__file__).resolve().parents[2] / "sdks" / "python" / "src"
LOG = "tenant/mercedes"


@dataclass
class Auditor:
    """Has a place for files, a token, and no way into the server but its API."""

    site: sites.Site
    key: str
    place: Path

    def fetch(self, name: str, path: str, **query: Any) -> Path:
        answer = self.site.ask("GET", path + "?" + "&".join(f"{k}={v}" for k, v in query.items()), key=self.key)
        assert answer.status_code == 200, answer.content
        file = self.place / name
        file.write_bytes(b"".join(answer.streaming_content) if answer.streaming else answer.content)
        return file

    def export(self, name: str = "export.jsonl", **query: Any) -> Path:
        return self.fetch(name, "/api/v1/audit/export", **query)

    def verify(self, file: Path, *more: object) -> dict[str, Any]:
        keys = self.place / "keys.json"
        command = [
            sys.executable,
            "-m",
            "cloudlicenses_client",
            "audit",
            "verify",
            file,
            "--keys",
            keys,
            "--json",
            *more,
        ]
        ended = subprocess.run(
            list(map(str, command)), env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True, check=False
        )
        assert ended.returncode in {0, 1}, ended.stderr
        report: dict[str, Any] = json.loads(ended.stdout)
        assert report["ok"] == (ended.returncode == 0)
        return report

    def found(self, *more: object) -> set[tuple[str, str]]:
        """Kind and entry of all findings in an export of now."""
        return {(one["kind"], one["entry"]) for one in self.verify(self.export(), *more)["findings"]}


def happen(count: int) -> list[str]:
    with inside(cast.MERCEDES.id):
        made = [events.record("key.issued", actor=builders.actor(), subject=("key", f"key-{n}")) for n in range(count)]
    SealDue.objects.update(due_at=clock.now())
    sealing.seal_logs()
    return [f"evt-{entry}" for entry in made]


@pytest.fixture
def auditor(tmp_path: Path, mercedes_site: sites.Site) -> Auditor:
    with inside(cast.MERCEDES.id):
        key = tokens.issue(builders.person(), "audit", actor=builders.actor())[1]
    happen(0)
    auditor = Auditor(mercedes_site, key, tmp_path)
    happen(1)
    auditor.fetch("keys.json", "/.well-known/audit-keys.json")
    return auditor


def bend(*statements: str) -> None:
    with owner_connection() as superuser:
        superuser.execute("SET search_path = tenant_mercedes, public")
        for statement in statements:
            superuser.execute(statement)


def number(name: str) -> int:
    return int(name.removeprefix("evt-"))


def index_of(name: str) -> int:
    with inside(cast.MERCEDES.id):
        return TreeLeaf.objects.get(entry_id=number(name)).index
