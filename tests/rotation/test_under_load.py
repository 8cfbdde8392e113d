"""Both kinds of keys replaced while real processes serve: no request fails, and what was answered before is answered the same."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings as django_settings
from django.db import transaction
from pytest_django.fixtures import Settings

from accounts import tokens
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.rotation import resealing, sweeping
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.web import idempotency
from cloudlicenses.web.models import IdempotentAnswer
from tenants.context import inside
from tests import builders, cast, servers
from tests.licensing.workstations import CHECKOUT, RETURN
from tests.rotation.test_data_keys import TENANT, VENDOR, an_hour_later, in_use, key_ids

PATIENCE_SECONDS = 300
ANSWERS_BEFORE = 5 * resealing.BATCH


class Client(threading.Thread):
    """Again and again: makes a key with an Idempotency-Key, asks once more, and compares; or takes a seat and returns it."""

    def __init__(self, server: servers.Server, label: str, path: str, over: threading.Event, **headers: str) -> None:
        super().__init__(daemon=True)
        self.path, self.over, self.answers, self.strange = path, over, Counter[int](), list[str]()
        sent = {"Host": server.host_of(label)} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.http = httpx.Client(base_url=server.url, headers=sent, timeout=60, trust_env=False)

    def run(self) -> None:
        with self.http:
            number = 0
            while not self.over.is_set():
                number += 1
                try:
                    self._act(f"{self.name}-{number}")
                except httpx.TransportError as error:
                    self.strange.append(repr(error))

    def _act(self, name: str) -> None:
        if self.path == CHECKOUT:
            answer = self._post(CHECKOUT, {"product_id": cast.DAVINCI.id, "user": "anna"})
            if answer.status_code == 201:
                self._post(RETURN, {"lease_id": answer.json()["lease_id"]})
            return
        first, again = (self._post(self.path, {"app_name": name}, name) for _ in range(2))
        if first.content != again.content:
            self.strange.append(f"{first.content!r} then {again.content!r}")

    def _post(self, path: str, body: object, once: str = "") -> httpx.Response:
        answer = self.http.post(path, json=body, headers={"Idempotency-Key": once} if once else {})
        self.answers[answer.status_code] += 1
        return answer


@contextmanager
def load_on(server: servers.Server) -> Iterator[list[Client]]:
    """A tenant's administrator, a vendor's system and a workstation, all at once."""
    with inside(cast.MERCEDES.id):
        builders.granted(total_licenses=50, commit_qty=50, max_overage=0)
        key = builders.tenant_key(requests_per_hour=10**8, checkouts_per_minute=10**6)
        token = tokens.issue(builders.person(), "admin", actor=SYSTEM)[1]
    vendor = builders.vendor_key(requests_per_hour=10**8)
    over = threading.Event()
    clients = [
        Client(server, "mercedes", "/api/v1/keys/generate", over, Authorization=f"Bearer {token}"),
        Client(server, "vendors", "/api/v1/keys", over, Authorization=f"Bearer {vendor}", X_Vendor_ID=cast.VECTOR.id),
        Client(server, "mercedes", CHECKOUT, over, Authorization=f"Bearer {key}"),
    ]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        over.set()
        for client in clients:
            client.join(PATIENCE_SECONDS)


def manage(*words: str, master_key: str) -> subprocess.Popen[str]:
    environment = os.environ | {"MASTER_KEY": master_key}
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", *words], stdout=subprocess.PIPE, text=True, env=environment
    )


def manage_to_the_end(*words: str, master_key: str) -> None:
    with manage(*words, master_key=master_key) as command:
        said, _ = command.communicate(timeout=PATIENCE_SECONDS)
    assert command.returncode == 0, said


def more_of_each(clients: list[Client]) -> None:
    """Until each of them has done something since."""
    before = [client.answers.total() for client in clients]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(client.answers.total() < count + 3 for client, count in zip(clients, before, strict=True)):
        assert time.monotonic() < deadline, [client.answers for client in clients]
        time.sleep(0.05)


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("committed")
def test_data_keys_and_the_master_key_are_rotated_while_requests_are_served(settings: Settings) -> None:
    old, new = base64.b64encode(django_settings.MASTER_KEYS[0]).decode(), base64.b64encode(os.urandom(32)).decode()
    settings.MASTER_KEYS = [base64.b64decode(old), base64.b64decode(new)]
    with inside("mercedes"):
        for number in range(ANSWERS_BEFORE):
            idempotency.answer_once(caller="b", key=str(number), request_digest="", produce=lambda: (201, {}))
    with servers.running(MASTER_KEY=f"{old},{new}") as server, load_on(server) as clients:
        more_of_each(clients)
        _rotate_a_tenants_key_and_be_killed(f"{old},{new}", clients)
        manage_to_the_end("rotate_data_key", VENDOR, master_key=f"{old},{new}")
        more_of_each(clients)
        manage_to_the_end("rotate_master_key", master_key=f"{new},{old}")
        more_of_each(clients)
        with servers.running(MASTER_KEY=new) as next_one:
            _answers_the_same(server, next_one, clients)
            an_hour_later()
            settings.MASTER_KEYS = [base64.b64decode(new)]
            assert resealing.destroy_emptied() >= 2
            more_of_each(clients)
    assert [client.strange for client in clients] == [[], [], []]
    assert {status for client in clients for status in client.answers} == {200, 201}
    assert sweeping.unfinished() == []
    for owner in (TENANT, VENDOR):
        assert key_ids(owner) == {in_use(owner).pk.bytes}
    assert not DataKey.objects.filter(destroyed_at=None, retired_at__isnull=False, emptied_at=None).exists()


def _rotate_a_tenants_key_and_be_killed(master_key: str, clients: list[Client]) -> None:
    """As soon as the first rows are moved; the rest is the worker's, which begins where the dead one stopped."""
    former = in_use(TENANT)
    with _one_answer_held(), manage("rotate_data_key", TENANT, master_key=master_key) as doomed:
        assert doomed.stdout is not None
        assert "sealed again" in doomed.stdout.readline()
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    assert doomed.returncode == -signal.SIGKILL
    assert former.pk.bytes in key_ids(TENANT), "it was killed before it was through"
    assert sweeping.unfinished() == [TENANT]
    more_of_each(clients)
    sweeping.sweep()
    assert sweeping.unfinished() == []
    assert former.pk.bytes not in key_ids(TENANT)


@contextmanager
def _one_answer_held() -> Iterator[None]:
    """However slow this test is to kill, the rotation does not get past this row."""
    with inside("mercedes"), transaction.atomic():
        IdempotentAnswer.objects.select_for_update().get(caller="b", key=str(ANSWERS_BEFORE - 1))
        yield


def _answers_the_same(former: servers.Server, fresh: servers.Server, clients: list[Client]) -> None:
    """The process that knows only the new master key repeats what the one of before has answered."""
    administrator = clients[0]
    authorization = {"Authorization": administrator.http.headers["Authorization"], "Idempotency_Key": "both"}
    answers = [
        server.ask("POST", "/api/v1/keys/generate", {"app_name": "both"}, label="mercedes", **authorization)
        for server in (former, fresh)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["Idempotency-Replayed"] == "true"
