"""What all operations have in common: problems, headers, and who may ask."""

from __future__ import annotations

from typing import Any

from cloudlicenses.openapi import proofs
from cloudlicenses.openapi.catalog import Operation
from cloudlicenses.web.pagination import DEFAULT_LIMIT, LARGEST_LIMIT

Json = dict[str, Any]

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457. `code` is stable: programs decide by it. Further members are facts of the one refusal.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
}

MEANINGS: dict[int, tuple[str, str, str]] = {
    400: ("MalformedRequest", "malformed_request", "The request can't be understood."),
    401: ("Unauthorized", "key_missing", "No key or token, or one that isn't valid (any more)."),
    403: (
        "Forbidden",
        "scope_missing",
        "Known, but not allowed: scope, role, network, host, certificate, application, device.",
    ),
    404: ("NotFound", "not_found", "Not there, or not yours."),
    406: ("NotAcceptable", "not_acceptable", "The answer can't be had in that format."),
    409: ("Conflict", "conflict", "Understood, but the present state doesn't allow it."),
    413: ("BodyTooLarge", "body_too_large", "The body is larger than 256 KiB."),
    415: ("UnsupportedMediaType", "unsupported_media_type", "Send the body as application/json."),
    422: ("InvalidInput", "invalid_input", "Some fields are missing or wrong; `errors` names each of them."),
    429: ("RateLimited", "rate_limited", "Too many requests. Wait for as long as `Retry-After` says."),
    500: ("InternalError", "internal_error", "A fault of ours. Nothing was changed."),
    503: ("Unavailable", "busy", "Not now. Try again when `Retry-After` has passed."),
}
REQUEST_ID: Json = {
    "description": "The caller's `X-Request-ID`, or one made here. Name it when you ask for help.",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
}
HEADERS: Json = {
    "X-Request-ID": REQUEST_ID,
    "RateLimit-Limit": {"description": "Requests in the window.", "schema": {"type": "integer", "minimum": 0}},
    "RateLimit-Remaining": {"description": "How many are left.", "schema": {"type": "integer", "minimum": 0}},
    "RateLimit-Reset": {"description": "Seconds until it is full again.", "schema": {"type": "integer", "minimum": 0}},
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "Idempotency-Replayed": {
        "description": "`true`: the answer was given before, and nothing was done now.",
        "schema": {"type": "string", "const": "true"},
    },
}
LIMITED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Make one for each thing you want done, and keep it over retries: the same key and body give the first answer "
        "again; another body is refused (422 `idempotency_conflict`). Kept for 48 hours."
    ),
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
}

VENDOR_ID: Json = {
    "name": "X-Vendor-ID",
    "in": "header",
    "required": True,
    "description": "The vendor whose key it is; another one is refused (403 `vendor_mismatch`).",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$"},
    "example": "vector-de",
}

LIMIT: Json = {
    "name": "limit",
    "in": "query",
    "description": "How many rows at most.",
    "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
}
CURSOR: Json = {
    "name": "cursor",
    "in": "query",
    "description": "`next_cursor` of the page before; opaque.",
    "schema": {"type": "string"},
}
SHARED = {"Limit": LIMIT, "Cursor": CURSOR, "VendorId": VENDOR_ID, "IdempotencyKey": IDEMPOTENCY_KEY}
NAMES = ("Idempotency-Key", "X-Vendor-ID", "limit", "cursor")

SECURITY: dict[str, Json] = {
    "apex": {
        "verificationToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "The verification token of the registration.",
        },
    },
    "vendors": {
        "vendorKey": {"type": "http", "scheme": "bearer", "description": "A vendor's key: `clvk_{vendor}_…`."},
    },
    "tenant": {
        proofs.APPLICATION_KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of an application: `clsk_{tenant}_…`.",
        },
        "personalToken": {"type": "http", "scheme": "bearer", "description": "A person's token: `clpt_{tenant}_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-cl_session",
            "description": "A signed-in person.",
        },
    },
}


def components(host_kind: str) -> Json:
    """Schemas, responses, headers, parameters and security schemes that operations refer to."""
    return {
        "schemas": {"Problem": PROBLEM_SCHEMA},
        "responses": {meaning[0]: _response(status) for status, meaning in MEANINGS.items()},
        "headers": HEADERS,
        "parameters": SHARED | (proofs.PARAMETERS if host_kind == "tenant" else {}),
        "securitySchemes": SECURITY[host_kind],
    }


def parameters_of(host_kind: str, operation: Operation, security: list[Json], *, is_page: bool) -> list[Json]:
    """What an operation takes because of where it is, whom it lets in, and what it does."""
    named = ["VendorId"] if host_kind == "vendors" and security else []
    named += proofs.PARAMETERS if any(proofs.APPLICATION_KEY in scheme for scheme in security) else []
    named += ["Limit", "Cursor"] if is_page else []
    named += ["IdempotencyKey"] if operation.is_once else []
    return [{"$ref": f"#/components/parameters/{name}"} for name in named]


def refusals_of(operation: Operation, *, is_open: bool, has_body: bool) -> dict[str, Json]:
    """The problem answers of an operation: those of its shape and those of its own."""
    statuses = {400, 404, 406, 422, 429, 500, 503, *operation.own}
    statuses |= {413, 415} if has_body else set()
    statuses |= set() if is_open else {401, 403}
    return {str(status): {"$ref": f"#/components/responses/{MEANINGS[status][0]}"} for status in sorted(statuses)}


def headers_of(operation: Operation, *, is_open: bool) -> Json:
    """Of an answer that isn't a refusal."""
    names = ["X-Request-ID"]
    names += [] if is_open else LIMITED
    names += ["Idempotency-Replayed"] if operation.is_once else []
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _response(status: int) -> Json:
    _, code, meaning = MEANINGS[status]
    names = ["X-Request-ID", *LIMITED, *(["Retry-After"] if status in {429, 503} else [])]
    return {
        "description": meaning,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": f"https://cloudlicenses.com/problems/{code}",
                    "title": meaning,
                    "status": status,
                    "detail": meaning,
                    "instance": "/api/v1/…",
                    "code": code,
                    "request_id": "req-7h2k9m4x8c1v5b3n6q0w",
                },
            }
        },
    }
