"""What happens to a lease after its checkout: it is kept alive, returned, taken back; and those that lapsed are swept up."""

from __future__ import annotations

from typing import Any

from django.db import connection

from cloudlicenses.kit import jsonmoney
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.wakeups import announce_event
from keys import restrictions
from licensing.checkout import SCOPE as CHECKOUT_SCOPE
from licensing.checkout import Admit, Caller, who
from licensing.refusals import refusal_of
from licensing.seats import SeatRule
from tenants import context

RETURN_SCOPE = "license:return"


async def keep_alive(seats: SeatRule, admit: Admit, caller: Caller, lease_id: str) -> dict[str, Any]:
    """A heartbeat: the lease lives for its time to live from now. Raises the refusals of a lease that has ended."""
    restrictions.check(caller.key, caller.presented, scope=CHECKOUT_SCOPE)
    await admit()
    return _accepted(await seats.ask(caller.tenant_id, "heartbeats", {"lease_id": lease_id}))


async def give_back(
    seats: SeatRule, admit: Admit, caller: Caller, lease_id: str, usage: dict[str, Any] | None
) -> dict[str, Any]:
    """The seat is free again. Returning twice answers the same. Raises `LeaseNotFound`."""
    restrictions.check(caller.key, caller.presented, scope=RETURN_SCOPE)
    await admit()
    call = {"lease_id": lease_id, "how": "returned", "usage": usage, **who(caller)}
    return _accepted(await seats.ask(caller.tenant_id, "ends", call))


def take_back(actor: Actor, lease_id: str) -> dict[str, Any]:
    """An administrator ends a lease; its application learns at the next heartbeat. In the tenant's scope and a transaction."""
    call = {
        "lease_id": lease_id,
        "how": "taken_back",
        "usage": None,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "key_id": actor.key_id,
        "key_name": actor.label,
        "ip": actor.ip,
        "hostname": "",
        "fingerprint": "",
        "user_agent": actor.user_agent,
        "request_id": actor.request_id,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT (seat_serve(%s::jsonb, '[]', '[]') -> 0)::text", [jsonmoney.dumps([call]).decode()])
        answer = _accepted(jsonmoney.loads(cursor.fetchone()[0]))
    announce_event(context.current().tenant_id)
    return answer


def sweep() -> dict[str, Any]:
    """Seats of lapsed leases come back: how many (`came_back`), and when to look again (`next_at`). In the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seat_sweep()::text")
        answer: dict[str, Any] = jsonmoney.loads(cursor.fetchone()[0])
    if answer["came_back"]:
        announce_event(context.current().tenant_id)
    return answer


def _accepted(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise refusal_of(answer)
    return answer
