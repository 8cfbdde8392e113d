"""Each refusal code is one class; codes from the future fall back to the class of their status."""

from __future__ import annotations

import pytest

import cloudlicenses_client
from cloudlicenses_client import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    CheckoutRefusedError,
    ConflictError,
    LeaseGoneError,
    NotFoundError,
    PaymentDueError,
    PermissionDeniedError,
    RateLimitedError,
    RefusedError,
    ServerBusyError,
    ServerError,
    _errors,
)
from cloudlicenses_client._problems import error_in
from cloudlicenses_client._wire import Answer

KEY_REFUSALS = {
    401: (AuthenticationError, ["key_missing", "key_invalid", "key_expired", "key_revoked"]),
    403: (
        PermissionDeniedError,
        [
            "wrong_tenant",
            "scope_missing",
            "ip_not_allowed",
            "hostname_not_allowed",
            "client_certificate_required",
            "client_certificate_rejected",
            "fingerprint_blocked",
            "signature_invalid",
            "product_not_allowed",
            "role_not_allowed",
            "tenant_suspended",
        ],
    ),
    429: (RateLimitedError, ["rate_limited"]),
}
SEAT_REFUSALS = [
    "no_licenses_available",
    "max_overage_exceeded",
    "customer_cap_reached",
    "license_suspended",
    "license_expired",
    "license_not_started",
    "version_not_licensed",
    "feature_not_licensed",
    "reserved_for_others",
    "product_not_licensed",
]
LEASE_REFUSALS = ["lease_expired", "lease_returned", "lease_revoked", "lease_not_found"]
CASES: list[tuple[int, str, type[ApiError]]] = [
    *((status, code, family) for status, (family, codes) in KEY_REFUSALS.items() for code in codes),
    *((404 if code == "product_not_licensed" else 409, code, CheckoutRefusedError) for code in SEAT_REFUSALS),
    *((404 if code == "lease_not_found" else 409, code, LeaseGoneError) for code in LEASE_REFUSALS),
    (422, "invalid_input", BadRequestError),
    (422, "idempotency_conflict", BadRequestError),
]


@pytest.mark.parametrize(("status", "code", "family"), CASES, ids=[code for _, code, _ in CASES])
def test_every_code_of_the_contract_has_a_class_of_its_own(status: int, code: str, family: type[ApiError]) -> None:
    error = error_in(Answer(status, {}, f'{{"code": "{code}", "status": {status}}}'.encode()))
    assert type(error).for_code == code
    assert isinstance(error, family)
    assert type(error).__name__ in cloudlicenses_client.__all__


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, PaymentDueError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (413, BadRequestError),
        (415, BadRequestError),
        (418, RefusedError),
        (422, BadRequestError),
        (429, RateLimitedError),
        (500, ServerError),
        (503, ServerBusyError),
        (599, ServerError),
    ],
)
def test_a_code_from_the_future_becomes_the_class_of_its_status(status: int, kind: type[ApiError]) -> None:
    error = error_in(Answer(status, {}, b'{"code": "of_the_future"}'))
    assert type(error) is kind
    assert (error.code, error.status) == ("of_the_future", status)


def test_a_server_failure_never_passes_for_a_refusal() -> None:
    assert type(error_in(Answer(503, {}, b'{"code": "lease_revoked"}'))) is ServerBusyError


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[1]", b"\xff\xfe", b'{"code": {"deep": 1}, "title": 7, "detail": null}']
)
def test_a_malformed_problem_document_is_still_told(body: bytes) -> None:
    error = error_in(Answer(404, {"x-request-id": "req-7"}, body))
    assert isinstance(error, NotFoundError)
    assert error.request_id == "req-7"
    assert str(error)


def test_the_drawn_tree_names_every_class() -> None:
    drawing = _errors.__doc__ or ""
    for name in cloudlicenses_client.__all__:
        if name.endswith("Error"):
            assert name in drawing, f"{name} is missing in the tree"
