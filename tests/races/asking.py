"""How tests ask the seat rule: through production's stories, on Django's connection of this thread, answers in one plain form.

The one place in the model and the interleavings that knows how calls reach the rule. `together` answers a list of calls as if one
came after the other, in one transaction; the single ones may stand in a transaction of their caller's.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
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
from licensing.lanes import KINDS, Kind
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
    allowed_products=(), require_mtls=False, client_cert_cn="", client_cert_names=(), checkouts_per_minute=None,
    requests_per_hour=None,
    expires_at=None, revoked_at=None,
)  # fmt: skip
CALLER = Caller(TENANT, KEY, Presented("127.0.0.1"))


def together(calls: Sequence[Call]) -> list[Answer]:
    """One batch, in one transaction; the answers in the order of the calls, which must be that of the rule (`in_order`)."""
    stories = [_Story(call) for call in calls]
    with transaction.atomic():
        while waiting := [story for story in stories if story.question]:
            for story, answer in zip(
                waiting, _serve([story.question for story in waiting if story.question]), strict=True
            ):
                story.go_on(answer)
    return [story.answer for story in stories]


def in_order(calls: Sequence[Call]) -> list[Call]:
    """As the rule answers them: what comes back first, so that it can be given."""
    return sorted(calls, key=lambda call: [Return, Heartbeat, Checkout].index(type(call)))


def ask(call: Call) -> Answer:
    return together([call])[0]


def checkout(call: Checkout) -> Answer:
    return ask(call)


def heartbeat(lease_id: str) -> Answer:
    return ask(Heartbeat(lease_id))


def end(lease_id: str) -> Answer:
    """Its application returns it."""
    return ask(Return(lease_id))


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


@dataclass(frozen=True)
class _Question:
    """What a story puts to the seat rule."""

    kind: Kind
    call: Mapping[str, Any]

    def __await__(self) -> Generator[_Question, dict[str, Any], dict[str, Any]]:
        answer = yield self
        return answer


class _Rule:
    """The seat rule for stories (licensing.seats.SeatRule) without the plane around it: a question waits until it is put."""

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]:
        return await _Question(kind, call)


RULE = _Rule()


class _Story:
    """One of production's stories, told by hand, from question to question; in an event loop Django would refuse to work."""

    def __init__(self, call: Call) -> None:
        self._told = _story_of(call)
        self.question: _Question | None = None
        self.answer: Answer = {}
        self.go_on(None)

    def go_on(self, answer: dict[str, Any] | None) -> None:
        self.question = None
        try:
            self.question = self._told.send(answer)
        except StopIteration as end_of_story:
            self.answer = _plain(end_of_story.value)
        except Refusal as refusal:
            self.answer = _refused(refusal)


def _story_of(call: Call) -> Coroutine[_Question, dict[str, Any] | None, Granted | dict[str, Any]]:
    match call:
        case Checkout():
            return check_out(RULE, admit, CALLER, _wanted(call))
        case Heartbeat(lease_id):
            return leases.keep_alive(RULE, admit, CALLER, lease_id)
        case Return(lease_id):
            return leases.give_back(RULE, admit, CALLER, lease_id, None)


async def admit() -> None:
    """Everybody: what refuses a key is not this rule's."""


def _wanted(call: Checkout) -> Wanted:
    return Wanted(
        product_id=call.product_id,
        user=call.user,
        ttl=call.ttl,
        version=call.version,
        features=call.features,
        idempotency_key=call.idempotency_key,
        digest=digest("POST", "/checkout", asdict(call)),
    )


def _serve(questions: Sequence[_Question]) -> list[dict[str, Any]]:
    by_kind = [jsonmoney.dumps([one.call for one in questions if one.kind == kind]).decode() for kind in KINDS]
    with inside(TENANT), connection.cursor() as cursor:
        cursor.execute("SELECT seat_serve(%s::jsonb, %s::jsonb, %s::jsonb)::text", by_kind)
        answers: list[dict[str, Any]] = jsonmoney.loads(cursor.fetchone()[0])
    return answers


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
