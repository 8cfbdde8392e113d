"""The plane's three operations. It isn't Django: what may be sent is read off its structs, what comes back is written here."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from licensing.plane import requests

Json = dict[str, Any]

STRUCTS = (requests.CheckoutRequest, requests.HeartbeatRequest, requests.ReturnRequest)
WHEN: Json = {"type": "string", "format": "date-time"}
MONEY: Json = {"type": "number", "minimum": 0}
CURRENCY: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}
JWS: Json = {
    "type": "string",
    "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$",
    "description": "The lease, signed: it can be verified, and features checked, without the server.",
}
LEASE_ID: Json = {"type": "string", "pattern": "^lease-[0-9a-z]+$"}
INTERVAL: Json = {"type": "integer", "minimum": 1}
LEASE_TYPE: Json = {"type": "string", "enum": ["commit", "overage"]}

# An offline lease may live longer than one that is kept alive.
FOR_HOW_LONG: Json = {
    "anyOf": [
        {"required": ["offline"], "properties": {"offline": {"const": True}}},
        {"properties": {"duration_seconds": {"maximum": requests.LONGEST_LEASE}}},
    ]
}

ANSWERS: Json = {
    "CheckoutAnswer": {
        "status": {"const": "success"},
        "lease_id": LEASE_ID,
        "license_id": {"type": "string"},
        "lease_type": LEASE_TYPE,
        "cost": MONEY | {"description": "0.00 for a commit seat."},
        "currency": CURRENCY,
        "issued_at": WHEN,
        "expires_at": WHEN,
        "heartbeat_interval_seconds": INTERVAL,
        "lease_token": JWS,
        "features": {"type": "object", "additionalProperties": {"type": "boolean"}},
    },
    "HeartbeatAnswer": {
        "status": {"const": "active"},
        "lease_id": LEASE_ID,
        "lease_type": LEASE_TYPE,
        "expires_at": WHEN,
        "heartbeat_interval_seconds": INTERVAL,
        "lease_token": JWS,
    },
    "ReturnAnswer": {
        "status": {"const": "returned"},
        "lease_id": LEASE_ID,
        "lease_type": LEASE_TYPE,
        "total_cost": MONEY,
        "currency": CURRENCY,
        "duration_seconds": {"type": "integer", "minimum": 0},
    },
}


def paths() -> Json:
    """Path items, in the shape that drf-spectacular gives for the others."""
    return {
        "/api/v1/licenses/checkout": {"post": _operation("CheckoutRequest", 201, "CheckoutAnswer")},
        "/api/v1/licenses/heartbeat": {"post": _operation("HeartbeatRequest", 200, "HeartbeatAnswer")},
        "/api/v1/licenses/return": {"post": _operation("ReturnRequest", 200, "ReturnAnswer")},
    }


def schemas() -> Json:
    """Components for requests and answers of the plane."""
    _, components = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    asked = json.loads(json.dumps(components), object_hook=_as_json_schema)
    answered = {
        name: {"type": "object", "required": list(members), "properties": members, "additionalProperties": False}
        for name, members in ANSWERS.items()
    }
    asked["CheckoutRequest"] |= FOR_HOW_LONG
    return {**asked, **answered}


def _as_json_schema(derived: Json) -> Json:
    """Python's end of text is `$` in JSON Schema; an object without members is one of the caller's own."""
    if derived.get("type") == "object" and "properties" not in derived:
        return {"$ref": "#/components/schemas/FreeForm"}
    if "pattern" in derived:
        return derived | {"pattern": derived["pattern"].replace(r"\Z", "$")}
    return derived


def _operation(request: str, status: int, answer: str) -> Json:
    return {
        "requestBody": {"content": _json(request), "required": True},
        "responses": {str(status): {"description": "Done.", "content": _json(answer)}},
        "security": [{"applicationKey": []}],
    }


def _json(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
