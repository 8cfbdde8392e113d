"""Many applications at once over real HTTP: never a seat too many, never one too few, each billed once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest
from django.db import connection

from licensing.models import License
from tenants.context import inside
from tests import builders, cast
from tests.licensing.workstations import HEARTBEAT, RETURN, Workstation
from tests.races.auditing import faults_of
from tests.servers import Server

CLIENTS = 24


@pytest.fixture
def workstation(server: Server) -> Workstation:
    with inside("mercedes"):
        builders.granted(total_licenses=10, commit_qty=4, max_overage=6, overage_per_use=Decimal("500.00"))
        return Workstation(server, builders.tenant_key(checkouts_per_minute=1_000_000, requests_per_hour=1_000_000))


def at_once(work, times: int) -> list[httpx.Response]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(work, range(times)))


def change_terms(budget: Decimal | None) -> None:
    """From a thread of the pool, whose connection is its own."""
    with inside("mercedes"):
        License.objects.update(monthly_budget=budget)
    connection.close()


def test_ten_seats_go_to_ten_of_sixty(workstation: Workstation) -> None:
    answers = at_once(lambda number: workstation.check_out(user=f"engineer{number}"), 60)
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 50}
    kinds = Counter(answer.json()["lease_type"] for answer in answers if answer.status_code == 201)
    assert kinds == {"commit": 4, "overage": 6}
    assert faults_of("mercedes") == []


def test_one_request_sent_thirty_times_is_one_lease(workstation: Workstation) -> None:
    answers = at_once(lambda _: workstation.check_out({"idempotency_key": "once"}), 30)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["lease_id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 29
    assert faults_of("mercedes") == []


def test_a_busy_day_leaves_the_books_right(workstation: Workstation) -> None:
    """Checkouts, heartbeats, returns (some twice), short leases that lapse, while the vendor changes its terms."""

    def day(number: int) -> httpx.Response:
        dice = random.Random(number)
        answer = workstation.check_out(user=f"engineer{number}", duration_seconds=dice.choice([1, 60, 600]))
        if answer.status_code == 201:
            lease = {"lease_id": answer.json()["lease_id"]}
            for path in dice.choices([HEARTBEAT, RETURN], k=3):
                assert workstation.post(path, lease).status_code in {200, 409}
        if number % 40 == 0:
            change_terms(dice.choice([None, Decimal("1000000.00")]))
        return answer

    answers = at_once(day, 400)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert faults_of("mercedes") == []


def test_two_tenants_at_once_stay_apart(workstation: Workstation) -> None:
    with inside("bmw"):
        builders.granted(total_licenses=2, commit_qty=2, max_overage=0)
        other = Workstation(workstation.server, builders.tenant_key("bmw", checkouts_per_minute=1_000_000), "bmw")
    answers = at_once(lambda number: (workstation, other)[number % 2].check_out(user=cast.VECTOR.id), 60)
    granted = Counter(number % 2 for number, answer in enumerate(answers) if answer.status_code == 201)
    assert granted == {0: 10, 1: 2}
    assert faults_of("mercedes") == faults_of("bmw") == []
