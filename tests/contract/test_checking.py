"""The checker itself: that it notices what it is there for."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tests.contract.checking import ContractViolation, Exchange, check

PROBLEM = {
    "type": "https://cloudlicenses.com/problems/lease_not_found",
    "title": "There is no such lease.",
    "status": 404,
    "detail": "There is no such lease.",
    "instance": "/api/v1/licenses/return",
    "code": "lease_not_found",
    "request_id": "req-1",
}
RETURNED = {
    "status": "returned",
    "lease_id": "lease-1",
    "lease_type": "commit",
    "total_cost": 0.00,
    "currency": "EUR",
    "duration_seconds": 7,
}
GOOD = Exchange(
    host="mercedes.localhost:8000",
    method="POST",
    path="/api/v1/licenses/return",
    sent=b'{"lease_id": "lease-1"}',
    status=200,
    headers={"content-type": "application/json", "x-request-id": "req-1"},
    body=msgspec.json.encode(RETURNED),
)
REFUSED = replace(
    GOOD,
    status=404,
    headers=GOOD.headers | {"content-type": "application/problem+json"},
    body=msgspec.json.encode(PROBLEM),
)


def test_what_is_right_passes() -> None:
    check(GOOD)
    check(REFUSED)


@pytest.mark.parametrize(
    ("exchange", "complaint"),
    [
        (replace(GOOD, path="/api/v1/licenses/steal"), "not documented"),
        (replace(GOOD, method="PUT"), "not documented"),
        (replace(GOOD, status=202), "undocumented status"),
        (replace(GOOD, headers={"content-type": "application/json"}), "lacks the header X-Request-ID"),
        (replace(GOOD, headers=GOOD.headers | {"ratelimit-limit": "many"}), "no number"),
        (replace(GOOD, headers=GOOD.headers | {"content-type": "text/html"}), "is text/html"),
        (replace(GOOD, body=msgspec.json.encode(RETURNED | {"currency": "Euro"})), "currency"),
        (replace(GOOD, body=msgspec.json.encode({"status": "returned"})), "required"),
        (replace(GOOD, sent=b'{"lease_id": 5}'), "accepted what the document forbids"),
        (replace(REFUSED, body=msgspec.json.encode({"error": "no"})), "required"),
        (replace(REFUSED, headers=GOOD.headers), "is application/json"),
        (replace(REFUSED, status=429), "lacks the header Retry-After"),
    ],
)
def test_what_is_wrong_is_noticed(exchange: Exchange, complaint: str) -> None:
    with pytest.raises(ContractViolation, match=complaint):
        check(exchange)


def test_pages_are_not_its_business() -> None:
    check(replace(GOOD, path="/login", headers={}, body=b"<html>"))


def test_addresses_that_do_not_exist_may_be_asked_for() -> None:
    check(replace(REFUSED, path="/api/v1/licenses/steal"))
