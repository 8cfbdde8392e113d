"""The API as data: each call as a `Request`, each success as a value. No network, no state.

A POST carries a fresh `Idempotency-Key`; build the request once for a logical call and send that one as often as it takes.
"""

from __future__ import annotations

import json
import platform
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict, TypeVar
from urllib.parse import quote

from ._errors import UnexpectedAnswerError
from ._machine import fingerprint, running_application
from ._settings import Settings
from ._version import __version__
from ._wire import Answer, Request

T = TypeVar("T")
_SHORTEST_HEARTBEAT = 0.1


class CheckoutWishes(TypedDict, total=False):
    """What a checkout may ask for beyond a product and a user."""

    version: str  # the application's version, held against the license's range
    features: Sequence[str]  # features that must be licensed, or the checkout is refused
    duration_seconds: int  # how long the lease should last without a heartbeat
    offline: bool  # ask for a lease that is meant to last days without network
    metadata: Mapping[str, Any]  # kept with the lease for the customer's reports


@dataclass(frozen=True)
class Granted:
    """The answer to a checkout."""

    lease_id: str
    token: str
    heartbeat_seconds: float
    cost: Decimal
    currency: str


@dataclass(frozen=True)
class ReturnReceipt:
    """The answer to a return: what the seat was and what it cost."""

    status: str
    lease_type: str
    total_cost: Decimal
    currency: str
    duration_seconds: float


@dataclass(frozen=True)
class FeatureVerdict:
    """The server's judgement on one feature, with its reasons when it is no."""

    valid: bool
    violations: Sequence[str]
    facts: Mapping[str, Any]


class Calls:
    """Builds requests with this application's headers."""

    def __init__(self, settings: Settings) -> None:
        self._hostname = settings.hostname
        self._product_id = settings.product_id
        self._headers = _standing_headers(settings)

    def checkout(self, user: str, wishes: CheckoutWishes) -> Request:
        wanted: dict[str, Any] = {**wishes, "product_id": self._product_id, "user": user, "hostname": self._hostname}
        if "features" in wanted:
            wanted["features"] = list(wanted["features"])
        return self.post("/api/v1/licenses/checkout", wanted)

    def heartbeat(self, lease_id: str) -> Request:
        return self.post("/api/v1/licenses/heartbeat", {"lease_id": lease_id})

    def return_license(self, lease_id: str, usage_metadata: Mapping[str, Any] | None) -> Request:
        body: dict[str, Any] = {"lease_id": lease_id}
        if usage_metadata is not None:
            body["usage_metadata"] = dict(usage_metadata)
        return self.post("/api/v1/licenses/return", body)

    def validate_feature(self, feature: str, context: Mapping[str, str] | None) -> Request:
        body = {"feature": feature, "product_id": self._product_id, "context": dict(context or {})}
        return self.post("/api/v1/validate/feature", body)

    def track_usage(self, feature: str, action: str, quantity: int, metadata: Mapping[str, Any] | None) -> Request:
        body = {"feature": feature, "action": action, "quantity": quantity, "product_id": self._product_id}
        return self.post("/api/v1/usage/track", {**body, "metadata": dict(metadata or {})})

    def register_device(self, public_key: str) -> Request:
        name = self._hostname.partition(".")[0][:100]
        return self.post("/api/v1/devices", {"name": name, "public_key": public_key, "hostname": self._hostname})

    def jwks(self) -> Request:
        return Request("GET", "/.well-known/jwks.json", {"User-Agent": self._headers["User-Agent"]})

    def page(self, path: str, cursor: str | None) -> Request:
        query = f"?cursor={quote(cursor, safe='')}" if cursor else ""
        return Request("GET", path + query, self._headers)

    def post(self, path: str, body: Mapping[str, Any]) -> Request:
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        return Request("POST", path, headers, json.dumps(body).encode())

    def delete(self, path: str) -> Request:
        return Request("DELETE", path, self._headers)


def _standing_headers(settings: Settings) -> dict[str, str]:
    app_path = Path(settings.app_path).resolve() if settings.app_path else running_application()
    return {
        "Authorization": f"Bearer {settings.api_key}",
        "Accept": "application/json",
        "User-Agent": f"cloudlicenses-client-python/{__version__} (Python {platform.python_version()}; {sys.platform})",
        "X-Hostname": settings.hostname,
        "X-App-Fingerprint": fingerprint(app_path),
        "X-Lib-Version": __version__,
    }


def read_checkout(answer: Answer) -> Granted:
    document = answer.json_object()
    return Granted(
        lease_id=_member(document, "lease_id", str),
        token=_member(document, "lease_token", str),
        # A server that says 0 must not make its clients spin.
        heartbeat_seconds=max(float(_number(document, "heartbeat_interval_seconds")), _SHORTEST_HEARTBEAT),
        cost=_number(document, "cost"),
        currency=_member(document, "currency", str),
    )


def read_heartbeat(answer: Answer) -> str:
    """The fresh token."""
    return _member(answer.json_object(), "lease_token", str)


def read_return(answer: Answer) -> ReturnReceipt:
    document = answer.json_object()
    return ReturnReceipt(
        status=_member(document, "status", str),
        lease_type=_member(document, "lease_type", str),
        total_cost=_number(document, "total_cost"),
        currency=_member(document, "currency", str),
        duration_seconds=float(_number(document, "duration_seconds")),
    )


def read_verdict(answer: Answer) -> FeatureVerdict:
    document = answer.json_object()
    violations = document.get("violations") or []
    facts = {name: value for name, value in document.items() if name not in {"valid", "violations"}}
    return FeatureVerdict(_member(document, "valid", bool), tuple(str(reason) for reason in violations), facts)


def read_use(answer: Answer) -> str:
    """The id under which the use was written down."""
    return _member(answer.json_object(), "event_id", str)


def read_page(answer: Answer) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of one page and the cursor of the next."""
    document = answer.json_object()
    return _member(document, "data", list), document.get("next_cursor")


def _member(document: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = document.get(name)
    if not isinstance(value, kind):
        raise UnexpectedAnswerError(f"The server's answer has no usable {name!r}.")
    return value


def _number(document: Mapping[str, Any], name: str) -> Decimal:
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise UnexpectedAnswerError(f"The server's answer has no usable {name!r}.")
    return Decimal(value)
