"""Keys of a log and of a vendor's bills replaced again and again while seats are given and both are sealed: nothing fails, and
whoever checks finds each head signed by the key of its time."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections

from audit.models import TreeHead
from audit.seals.models import SealDue
from billing import sealing as bills
from billing.models import SealedCharges
from cloudlicenses.kit import clock, months
from tenants import sealing as logs
from tenants.context import inside, platform
from tests import cast, servers
from tests.rotation.test_under_load import load_on, manage_to_the_end, more_of_each

SDK = Path(__file__).resolve().parents[2] / "sdks" / "python" / "src"
ROUNDS = 4


def seal_logs() -> None:
    with platform():
        SealDue.objects.update(due_at=clock.now())
    logs.seal_logs()


def again_and_again(act: Callable[[], object], over: threading.Event, troubles: list[str]) -> threading.Thread:
    def work() -> None:
        while not over.wait(0.05):
            try:
                act()
            except Exception as error:
                troubles.append(repr(error))
        connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def verified(what: str, file: Path, keys: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "cloudlicenses_client", what, "verify", str(file), "--keys", str(keys), "--json"]
    ended = subprocess.run(command, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True, check=False)
    assert ended.returncode in {0, 1}, ended.stderr
    report: dict[str, object] = json.loads(ended.stdout)
    return report


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("committed")
def test_log_and_bill_keys_are_rotated_while_both_are_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bills, "GRACE", timedelta(0))  # charges of this moment are sealed too
    master = base64.b64encode(django_settings.MASTER_KEYS[0]).decode()
    over, troubles = threading.Event(), list[str]()
    with servers.running(MASTER_KEY=master) as server, load_on(server) as clients:
        sealers = [
            again_and_again(act, over, troubles)
            for act in (seal_logs, seal_logs, bills.seal_charges, bills.seal_charges)
        ]
        for _ in range(ROUNDS):
            more_of_each(clients)
            manage_to_the_end(
                "rotate_signing_key", "log:tenant/mercedes", "log:platform", f"bill:{cast.VECTOR.id}", master_key=master
            )
        more_of_each(clients)
        over.set()
        for sealer in sealers:
            sealer.join()
        seal_logs()
        bills.seal_charges()
        _check(server, clients[0].http.headers["Authorization"], tmp_path)
    assert troubles == []
    assert [client.strange for client in clients] == [[], [], []]
    assert {status for client in clients for status in client.answers} == {200, 201}


def _check(server: servers.Server, authorization: str, place: Path) -> None:
    with platform():
        month = months.label(SealedCharges.objects.latest("month").month)
    wanted = {
        "audit": ("/.well-known/audit-keys.json", "/api/v1/audit/export"),
        "bill": (
            f"/.well-known/bill-keys.json?vendor={cast.VECTOR.id}",
            f"/api/v1/costs/evidence?period={month}&vendor_id={cast.VECTOR.id}",
        ),
    }
    for what, paths in wanted.items():
        files: list[Path] = []
        for path in paths:
            answer = server.ask("GET", path, label="mercedes", Authorization=authorization)
            assert answer.status_code == 200, answer.text
            files.append(place / f"{what}-{len(files)}")
            files[-1].write_bytes(answer.content)
        report = verified(what, files[1], files[0])
        assert report["findings"] == [], report
        assert len(json.loads(files[0].read_text())["keys"]) >= ROUNDS
    with inside(cast.MERCEDES.id):
        assert TreeHead.objects.values("kid").distinct().count() > 1
    with platform():
        assert SealedCharges.objects.values("kid").distinct().count() > 1
