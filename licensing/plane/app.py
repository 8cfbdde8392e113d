"""The plane's routes: checkout, heartbeat and return on a tenant's host. Everything else is Django's.

For each request: recognise tenant and key, read it, tell the story, answer. Whatever refuses a key is audited.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import OperationalError

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.refusals import Busy, Kind, Refusal
from cloudlicenses.web import idempotency, metrics, problems
from keys import recognising, strays
from keys.recognising import KeyFacts
from keys.refusals import WrongTenant
from licensing import leases
from licensing.checkout import Wanted, check_out
from licensing.guards import must_sign
from licensing.plane import requests
from licensing.plane.admission import Admission
from licensing.plane.answers import Answers
from licensing.plane.callers import Callers, caller_of
from licensing.plane.floods import Floods
from licensing.plane.http import (
    ClientGone,
    Receive,
    Request,
    Send,
    Unacceptable,
    problem_of,
    problem_of_unacceptable,
    read_body,
    send_json,
)
from licensing.plane.known import Known
from licensing.plane.learning import Learner
from licensing.plane.lookups import Lookups
from licensing.plane.room import Room
from licensing.refusals import DatabaseAway
from licensing.seats import Pool, Seats, is_away
from tenants.context import inside
from tenants.hosts import without_port
from tenants.queries import TenantFacts

Answer = tuple[int, dict[str, Any], dict[str, str]]
DATABASE_ERRORS = (OperationalError, psycopg.OperationalError)  # on Django's connections, and on the plane's
REFUSES_A_KEY = (Kind.UNKNOWN_CALLER, Kind.FORBIDDEN, Kind.RATE_LIMITED)

log = structlog.get_logger("plane")


class Plane:
    """`await plane(scope, receive, send)` for a path in `plane.routes` whose host `plane.tenant_of` knows."""

    def __init__(
        self,
        pool: Pool,
        own: Pool,
        for_lookups: Pool,
        announce: Callable[[str], None],
        note_checkout: Callable[[str], None] = lambda tenant_id: None,
    ) -> None:
        """`own`, `for_lookups`: of one connection each, for what goes together. `note_checkout` hears each tenant at which one was
        granted or refused."""
        self._note_checkout = note_checkout
        self.room = Room(note_waiting=metrics.count_held_back)
        self.seats = Seats(pool, own, announce)
        self.answers = Answers()
        self._limiter = Limiter(settings.REDIS_URL)
        floods = Floods(self._limiter)
        lookups = Lookups(pool, for_lookups)
        known = Known(lookups, self.answers.threads, floods)
        self.admission = Admission(known, self._limiter, Learner(self.answers.threads))
        self.callers = Callers(lookups, self._limiter, floods, hearers=(known, must_sign, self.seats))
        self.routes: dict[str, Callable[[Request, TenantFacts, KeyFacts], Awaitable[Answer]]] = {
            "/api/v1/licenses/checkout": self._checkout,
            "/api/v1/licenses/heartbeat": self._heartbeat,
            "/api/v1/licenses/return": self._return,
        }

    async def live(self) -> None:
        """What goes on beside the requests, for ever: hearing what changes, writing what was learned."""
        await asyncio.gather(self.callers.listen(), self.admission.learner.work())

    async def close(self) -> None:
        await self.admission.learner.write()
        await self._limiter.close()

    async def tenant_of(self, request: Request) -> TenantFacts | None:
        """Raises what the database raises when it is away."""
        return await self.callers.tenant_of(without_port(request.host))

    async def __call__(self, request: Request, tenant: TenantFacts | None, receive: Receive, send: Send) -> None:
        """Answer. `tenant` is None when the database is away, so that nobody can tell whose host it is."""
        started, whose = time.perf_counter(), tenant.id if tenant else ""
        structlog.contextvars.bind_contextvars(request_id=request.id, **({"tenant": whose} if tenant else {}))
        if not await self.room.enter(whose):
            status, body, headers = problem_of(Busy(), request)
        else:
            try:
                status, body, headers = await self._answer(request, tenant, receive)
            except ClientGone:
                return
            finally:
                self.room.leave(whose)
        media_type = problems.MEDIA_TYPE if status >= 400 else "application/json"
        await send_json(send, status, body, {"X-Request-ID": request.id, **headers}, media_type)
        seconds = time.perf_counter() - started
        metrics.observe_request("tenant", request.path, status, seconds)
        log.info("request", method=request.method, path=request.path, status=status, ms=round(seconds * 1000, 1))

    async def _answer(self, request: Request, tenant: TenantFacts | None, receive: Receive) -> Answer:
        try:
            if tenant is None:
                raise DatabaseAway
            if request.method != "POST":
                raise Unacceptable(405, "method_not_allowed", "This address takes POST.", Allow="POST")
            return await self._answer_caller(request, receive, tenant)
        except Unacceptable as error:
            return problem_of_unacceptable(error, request)
        except Refusal as refusal:
            log.info("refused", code=refusal.code)
            return problem_of(refusal, request)
        except ClientGone:
            raise
        except Exception as error:
            if is_away(error) or isinstance(error, DATABASE_ERRORS):
                return problem_of(DatabaseAway(), request)
            log.error("defect", exc_info=error)
            title = "Something went wrong on our side. Nothing was changed; please try again."
            return problem_of_unacceptable(Unacceptable(500, "internal_error", title), request)

    async def _answer_caller(self, request: Request, receive: Receive, tenant: TenantFacts) -> Answer:
        key: KeyFacts | None = None
        try:
            key = await self.callers.recognise(request, tenant)
            request.proof = await self.callers.prove(request, tenant, key)
            request.body = await read_body(request, receive)
            status, body, headers = await self.routes[request.path](request, tenant, key)
        except Refusal as refusal:
            if refusal.kind in REFUSES_A_KEY:
                await self._note_refused_key(request, tenant, key, refusal)
            if key is None or refusal.kind is Kind.RATE_LIMITED:
                raise
            if request.verdict is None and refusal.kind not in REFUSES_A_KEY:
                await self.admission.count_misfit(request, tenant, key)
            status, body, headers = problem_of(refusal, request)
        return status, body, headers | (request.verdict.as_headers() if request.verdict else {})

    async def _checkout(self, request: Request, tenant: TenantFacts, key: KeyFacts) -> Answer:
        sent = requests.read(request.body, requests.CheckoutRequest)
        idempotency_key = idempotency.checked_key(request.headers.get("idempotency-key", ""))
        wanted = Wanted(
            product_id=sent.product_id, user=sent.user, ttl=sent.ttl, hostname=sent.hostname, version=sent.version,
            features=tuple(sent.features), offline=sent.offline, metadata=sent.metadata, idempotency_key=idempotency_key,
            digest=idempotency.digest("POST", request.path, sent) if idempotency_key else "",
        )  # fmt: skip
        caller = caller_of(request, tenant, key, sent.hostname)
        admit = partial(self.admission.to_checkout, request, caller, wanted)
        try:
            granted = await check_out(self.seats, admit, caller, wanted)
        finally:
            self._note_checkout(tenant.id)
        if request.product_matters:
            self.admission.known.note_product(tenant.id, granted.facts["lease_id"], wanted.product_id)
        body = await self.answers.to_checkout(tenant.id, wanted, granted, self.room.load)
        return 201, body, {"Idempotency-Replayed": "true"} if granted.replayed else {}

    async def _heartbeat(self, request: Request, tenant: TenantFacts, key: KeyFacts) -> Answer:
        sent = requests.read(request.body, requests.HeartbeatRequest)
        caller = caller_of(request, tenant, key)
        admit = partial(self.admission.to_lease, request, caller, sent.lease_id)
        facts = await leases.keep_alive(self.seats, admit, caller, sent.lease_id)
        return 200, await self.answers.to_heartbeat(tenant.id, facts, self.room.load), {}

    async def _return(self, request: Request, tenant: TenantFacts, key: KeyFacts) -> Answer:
        sent = requests.read(request.body, requests.ReturnRequest)
        caller = caller_of(request, tenant, key)
        admit = partial(self.admission.to_lease, request, caller, sent.lease_id)
        facts = await leases.give_back(self.seats, admit, caller, sent.lease_id, sent.usage_metadata)
        return 200, self.answers.to_return(facts), {}

    async def _note_refused_key(
        self, request: Request, tenant: TenantFacts, key: KeyFacts | None, refusal: Refusal
    ) -> None:
        """An audit entry in the tenant's log; of a flood only some."""
        if not await self.callers.may_be_noted(tenant.id, key.id if key else "", request.client_ip):
            return
        actor = Actor(
            kind="key", id=key.id if key else "", label=key.app_name if key else "", key_id=key.id if key else "",
            ip=request.client_ip, hostname=request.headers.get("x-hostname", ""),
            fingerprint=request.headers.get("x-app-fingerprint", ""), user_agent=request.headers.get("user-agent", ""),
            request_id=request.id,
        )  # fmt: skip
        stray = request.headers.get("authorization", "") if isinstance(refusal, WrongTenant) else ""
        record = partial(_record, tenant.id, actor, refusal.code, stray)
        await asyncio.get_running_loop().run_in_executor(self.answers.threads, record)


def _record(tenant_id: str, actor: Actor, code: str, stray: str) -> None:
    """`stray`: the authorization of a key that is another tenant's, who hears of it, too."""
    with inside(tenant_id):
        events.record("key.refused", actor=actor, subject=("key", actor.key_id), code=code)
    if stray:
        strays.tell_owner(recognising.bearer(stray), actor)
