"""How a license is checked out.

A desktop application sends a key and says which product, for whom. This file tells what happens until it holds a lease, in
the order in which it happens; each step may refuse, and each refusal has its code. The decision itself — which seat, at what
price — is made in one place, `seat_decide` in licensing/sql/decisions.sql, under the license's row lock that seats.sql holds,
in the transaction that also writes the lease, the line in the ledger and the audit entry. So a seat is never given twice, and
never given without being on the bill.

    application ── key, product, user ──▶ check_out ──▶ seat rule (SQL) ──▶ lease, signed
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from cloudlicenses.kit import ids
from cloudlicenses.web import metrics
from cloudlicenses.web.idempotency import IdempotencyConflict
from keys import restrictions
from keys.recognising import KeyFacts
from licensing import versions
from licensing.refusals import refusal_of
from licensing.seats import SeatRule

SCOPE = "license:checkout"
Admit = Callable[
    [], Awaitable[None]
]  # refuses a key that is in its place, but in wrong hands (licensing/plane/admission.py)


class Caller(msgspec.Struct, frozen=True):
    """Whose key it is, at which tenant, and from where it came."""

    tenant_id: str
    key: KeyFacts
    presented: restrictions.Presented
    fingerprint: str = ""
    user_agent: str = ""
    request_id: str = ""
    plan: str = ""  # the tenant's; empty has the narrowest rates


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for. `ttl`: seconds the lease lives from each heartbeat; `digest` tells a repeated request from another."""

    product_id: str
    user: str
    ttl: int
    hostname: str = ""
    version: str = ""
    features: tuple[str, ...] = ()
    offline: bool = False
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    idempotency_key: str = ""
    digest: str = ""


class Granted(msgspec.Struct, frozen=True):
    """A seat in use, as the seat rule answered; `replayed` when the same request had been answered before."""

    facts: Mapping[str, Any]
    replayed: bool


async def check_out(seats: SeatRule, admit: Admit, caller: Caller, wanted: Wanted) -> Granted:
    """One seat for one user, at most once for an idempotency key.

    Refuses by the key's restrictions (keys.refusals), by the application and device it is used with (applications.refusals), by the
    seat rule (licensing.refusals), and a reused idempotency key (`IdempotencyConflict`). A refusal of the seat rule is kept as a
    denial.
    """
    restrictions.check(caller.key, caller.presented, scope=SCOPE)
    restrictions.check_product(caller.key, wanted.product_id)
    await admit()
    answer = await _ask_for_a_seat(seats, caller, wanted)
    _refuse_conflicts(answer)
    if "refused" in answer:
        metrics.count_denial(caller.tenant_id, answer["refused"])
        raise refusal_of(answer)
    replayed = bool(answer.pop("replayed", False))
    if not replayed:
        metrics.count_checkout(caller.tenant_id, answer["lease_type"])
    return Granted(facts=answer, replayed=replayed)


async def _ask_for_a_seat(seats: SeatRule, caller: Caller, wanted: Wanted) -> dict[str, Any]:
    """Versions are compared here (PEP 440), everything else there: so the rule may first ask for a verdict on a constraint."""
    request = _as_the_rule_reads_it(caller, wanted)
    request["versions"] = versions.remembered(wanted.version)
    answer = await seats.ask(caller.tenant_id, "checkouts", request)
    if "unjudged" in answer:
        request["versions"] = versions.judge(wanted.version, answer["unjudged"])
        answer = await seats.ask(caller.tenant_id, "checkouts", request)
    return answer


def _as_the_rule_reads_it(caller: Caller, wanted: Wanted) -> dict[str, Any]:
    return {
        "lease_id": ids.new_id("lease"),
        "tenant_id": caller.tenant_id,
        "product_id": wanted.product_id,
        "user": wanted.user,
        "hostname": wanted.hostname,
        "version": wanted.version,
        "features": list(wanted.features),
        "ttl": wanted.ttl,
        "offline": wanted.offline,
        "metadata": dict(wanted.metadata),
        "caller": f"key:{caller.key.id}",
        "idempotency_key": wanted.idempotency_key,
        "digest": wanted.digest,
        **who(caller),
    }


def who(caller: Caller) -> dict[str, str]:
    """What the audit entry says of the caller."""
    return {
        "key_id": caller.key.id,
        "key_name": caller.key.app_name,
        "ip": caller.presented.ip,
        "hostname": next(iter(caller.presented.hostnames), "")[:253],
        "fingerprint": caller.fingerprint[:128],
        "user_agent": caller.user_agent[:255],
        "request_id": caller.request_id,
    }


def _refuse_conflicts(answer: dict[str, Any]) -> None:
    if answer.get("conflict"):
        raise IdempotencyConflict
