"""How tests ask the seat rule: through production's stories, on Django's connection of this thread, answers in one plain form.

The one place in the model and the interleavings that knows how calls reach the rule. `together` answers a list of calls as if one
came after the other, in one transaction; the single ones may stand in a transaction of their caller's.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from cloudlicenses.kit import jsonmoney
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.idempotency import digest
from keys.issuing import APPLICATION_SCOPES
from keys.recognising import KeyFacts
from keys.restrictions import Presented
from licensing import leases
from licensing.checkout import Caller, Granted, Wanted, check_out
from licensing.seats import KINDS, Kind
from tenants.context import inside
from tests import builders
from tests.races.model import Answer, Call, Checkout, Heartbeat, Return

TENANT = "mercedes"
TOLD = (
    "lease_id", "license_id", "lease_type", "cost", "currency", "issued_at", "renewed_at", "expires_at", "ended_by", "already",
    "duration", "available_at", "came_back", "next_at",
)  # fmt: skip
KEY = KeyFacts(
    id="key-1", owner=TENANT, app_name="tests", scopes=APPLICATION_SCOPES, allowed_hostnames=(), allowed_ip_ranges=(),
    allowed_products=(), require_mtls=False, client_cert_cn="", checkouts_per_minute=None, requests_per_hour=None,
    expires_at=None, revoked_at=None,
)  # fmt: skip
CALLER = Caller(TENANT, KEY, Presented("127.0.0.1"))


def together(calls: Sequence[Call]) -> list[Answer]:
    """The answers, in the order of the calls."""
    with transaction.atomic():
        return [ask(call) for call in calls]


def ask(call: Call) -> Answer:
    match call:
        case Checkout():
            return checkout(call)
        case Heartbeat(lease_id):
            return heartbeat(lease_id)
        case Return(lease_id):
            return end(lease_id)


def checkout(call: Checkout) -> Answer:
    wanted = Wanted(
        product_id=call.product_id,
        user=call.user,
        ttl=call.ttl,
        version=call.version,
        features=call.features,
        idempotency_key=call.idempotency_key,
        digest=digest("POST", "/checkout", asdict(call)),
    )
    return _told(check_out(RULE, CALLER, wanted))


def heartbeat(lease_id: str) -> Answer:
    return _told(leases.keep_alive(RULE, CALLER, lease_id))


def end(lease_id: str) -> Answer:
    """Its application returns it."""
    return _told(leases.give_back(RULE, CALLER, lease_id, None))


def take_back(lease_id: str) -> Answer:
    """An administrator ends it."""
    with inside(TENANT):
        try:
            return _plain(leases.take_back(builders.actor(), lease_id))
        except Refusal as refusal:
            return _refused(refusal)


def sweep() -> Answer:
    with inside(TENANT):
        return _plain(leases.sweep())


class _Rule:
    """The seat rule for stories (licensing.seats.SeatRule) without the plane around it: asked and answered on the spot."""

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]:
        calls = [jsonmoney.dumps([call] if one == kind else []).decode() for one in KINDS]
        with inside(tenant_id), connection.cursor() as cursor:
            cursor.execute("SELECT (seat_serve(%s::jsonb, %s::jsonb, %s::jsonb) -> 0)::text", calls)
            answer: dict[str, Any] = jsonmoney.loads(cursor.fetchone()[0])
        return answer


RULE = _Rule()


def _told(story: Coroutine[Any, Any, Granted | dict[str, Any]]) -> Answer:
    """Tell a story to its end. With our rule it never waits, so it needs no event loop (in which Django would refuse to work)."""
    try:
        story.send(None)
    except StopIteration as end_of_story:
        return _plain(end_of_story.value)
    except Refusal as refusal:
        return _refused(refusal)
    raise AssertionError("the story waits for something else than the seat rule")


def _plain(told: Granted | dict[str, Any]) -> Answer:
    if isinstance(told, Granted):
        return _plain({**told.facts}) | ({"replayed": True} if told.replayed else {})
    return {name: _typed(name, told[name]) for name in TOLD if name in told}


def _refused(refusal: Refusal) -> Answer:
    return {"refused": refusal.code} | {name: _typed(name, fact) for name, fact in refusal.facts.items()}


def _typed(name: str, value: Any) -> Any:
    if value is not None and name.endswith("_at"):
        return datetime.fromisoformat(value)
    return Decimal(value) if name == "cost" else value
