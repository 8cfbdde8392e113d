"""The story of a checkout over real HTTP: commit, overage, refusal; heartbeats and returns."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from licensing.models import Denial, Lease, License
from tenants.context import inside, platform
from tests import cast
from tests.licensing.workstations import CHECKOUT, HEARTBEAT, RETURN, Workstation


def ledger() -> list[tuple[str, Decimal]]:
    with platform(), connection.cursor() as cursor:
        cursor.execute("SELECT kind, amount FROM billing_usagerecord ORDER BY at")
        return [(str(kind), Decimal(amount)) for kind, amount in cursor.fetchall()]


def seats() -> tuple[int, int]:
    with inside("mercedes"):
        return License.objects.values_list("commit_in_use", "overage_in_use").get()


def test_commit_first_then_overage_then_a_refusal(workstation: Workstation) -> None:
    answers = [workstation.check_out() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 409]
    granted = [answer.json() for answer in answers[:3]]
    assert [(lease["lease_type"], lease["cost"]) for lease in granted] == [
        ("commit", 0),
        ("overage", 500),
        ("overage", 500),
    ]
    assert '"cost":500.00' in answers[1].text
    assert granted[0]["license_id"] == "lic-vector-mercedes-2025-001"
    assert granted[0]["features"] == {"can_editor": True}
    refused = answers[3].json()
    assert refused["code"] == "max_overage_exceeded"
    assert refused["available_at"]
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert ledger() == [("commit", Decimal("0.00")), ("overage", Decimal("500.00")), ("overage", Decimal("500.00"))]
    with inside("mercedes"):
        assert list(Denial.objects.values_list("code", "user")) == [("max_overage_exceeded", "alice@mercedes.example")]
        assert AuditEntry.objects.filter(event="license.checked_out").count() == 3
        assert AuditEntry.objects.filter(event="license.denied", result="refused").count() == 1


def test_a_returned_commit_seat_is_given_before_overage(workstation: Workstation) -> None:
    first, _ = workstation.check_out().json(), workstation.check_out().json()
    returned = workstation.post(RETURN, {"lease_id": first["lease_id"]})
    assert returned.status_code == 200
    assert returned.json()["total_cost"] == 0
    assert workstation.check_out().json()["lease_type"] == "commit"
    assert seats() == (1, 1)


def test_returning_twice_answers_the_same_and_frees_one_seat(workstation: Workstation) -> None:
    lease = workstation.check_out().json()
    first, second = (workstation.post(RETURN, {"lease_id": lease["lease_id"]}) for _ in range(2))
    assert first.json() == second.json()
    assert seats() == (0, 0)


def test_a_repeated_request_gets_the_same_lease_and_is_billed_once(workstation: Workstation) -> None:
    workstation.check_out()
    body = {"product_id": cast.DAVINCI.id, "user": "bob"}
    first, again = (workstation.post(CHECKOUT, body, idempotency_key="k-1") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert [kind for kind, _ in ledger()] == ["commit", "overage"]
    other = workstation.post(CHECKOUT, body | {"user": "carol"}, idempotency_key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


def test_a_lapsed_seat_is_reclaimed_by_the_next_checkout_that_needs_it(workstation: Workstation) -> None:
    lease = workstation.check_out(duration_seconds=60).json()
    with inside("mercedes"):
        Lease.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert workstation.check_out().json()["lease_type"] == "commit"
    late = workstation.post(HEARTBEAT, {"lease_id": lease["lease_id"]})
    assert (late.status_code, late.json()["code"]) == (409, "lease_expired")
    with inside("mercedes"):
        assert Lease.objects.get(pk=lease["lease_id"]).ended_by == "expired"


def test_a_heartbeat_moves_the_expiry_and_renews_the_token(workstation: Workstation) -> None:
    lease = workstation.check_out(duration_seconds=60).json()
    beat = workstation.post(HEARTBEAT, {"lease_id": lease["lease_id"]})
    assert beat.status_code == 200
    assert beat.json()["expires_at"] > lease["expires_at"]
    assert beat.json()["lease_token"].count(".") == 2


@pytest.mark.parametrize(
    ("terms", "asked", "code"),
    [
        ({"status": "suspended"}, {}, "license_suspended"),
        ({"status": "revoked"}, {}, "product_not_licensed"),
        ({"ends_at": clock.now() - timedelta(days=1)}, {}, "license_expired"),
        ({"starts_at": clock.now() + timedelta(days=1)}, {}, "license_not_started"),
        ({"version_constraint": ">=8.0.0"}, {"version": "7.9"}, "version_not_licensed"),
        ({"version_constraint": ">=8.0.0"}, {"version": "R2025b"}, "version_not_licensed"),
        ({"features": ["can_editor"]}, {"features": ["can_editor", "flexray"]}, "feature_not_licensed"),
        ({"cap_in_use": 0}, {}, "customer_cap_reached"),
        ({"commit_qty": 0, "cap_overage": 0}, {}, "customer_cap_reached"),
        ({"commit_qty": 0, "monthly_budget": Decimal("499.99")}, {}, "customer_cap_reached"),
        ({"commit_qty": 0, "max_overage": 0}, {}, "no_licenses_available"),
        ({}, {"product_id": "something-else"}, "product_not_licensed"),
    ],
)
def test_a_refusal_takes_no_seat_and_writes_no_bill(
    workstation: Workstation, terms: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    with inside("mercedes"):
        License.objects.update(**terms)
    answer = workstation.check_out(**asked)
    assert answer.json()["code"] == code
    assert answer.status_code == (404 if code == "product_not_licensed" else 409)
    assert seats() == (0, 0)
    assert ledger() == []
    with inside("mercedes"):
        assert Denial.objects.get().code == code


def test_a_version_within_the_constraint_is_served(workstation: Workstation) -> None:
    with inside("mercedes"):
        License.objects.update(version_constraint=">=8.0.0")
    assert workstation.check_out(version="8.2.1").status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        (b"[]", 400, None),
        (b'{"user": "\xff"}', 400, None),
        (b'{"product_id": "x"}', 422, "user"),
        (b'{"product_id": 1, "user": "a"}', 422, "product_id"),
        (b'{"product_id": "x", "user": "a\\u0000b"}', 422, "user"),
        (b'{"product_id": "x", "user": "a", "features": ["b", 2]}', 422, "features[1]"),
        (b'{"product_id": "x", "user": "a", "duration_seconds": 0}', 422, "duration_seconds"),
        (b'{"product_id": "x", "user": "a", "duration_seconds": 100000}', 422, "duration_seconds"),
        (b'{"product_id": "x", "user": "a", "metadata": {"k": "\\u0000"}}', 422, "metadata"),
    ],
)
def test_bad_input_is_told_what_is_wrong(workstation: Workstation, body: bytes, status: int, field: str | None) -> None:
    answer = workstation.server.client.post(
        CHECKOUT, content=body, headers={
            "Host": workstation.server.host_of("mercedes"), "Content-Type": "application/json",
            "Authorization": f"Bearer {workstation.key}",
        },
    )  # fmt: skip
    assert answer.status_code == status
    problem = answer.json()
    assert problem["code"] == ("malformed_request" if status == 400 else "invalid_input")
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])
