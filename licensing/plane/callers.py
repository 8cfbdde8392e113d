"""Who calls: the tenant of the host, the key, and what came with it.

Tenants and keys are remembered for some seconds in bounded memory. A key that changes is forgotten at once in every process, by
Valkey's pub/sub (web.wakeups); without Valkey a revocation is in force after `REMEMBERED_SECONDS` at the latest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import redis
import structlog
from django.conf import settings
from psycopg import sql

from certificates import proving
from cloudlicenses.kit import clock, tokens, valkey
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.networks import network_of
from cloudlicenses.sealing import data_keys
from cloudlicenses.web.wakeups import CHANNEL, REMEMBERED_SECONDS
from keys import recognising
from keys.rates import noting
from keys.recognising import COLUMNS, KeyFacts
from keys.refusals import KeyInvalid, TenantSuspended
from keys.restrictions import Presented
from licensing.checkout import Caller
from licensing.plane.floods import Floods
from licensing.plane.http import Request
from licensing.plane.lookups import Lookups
from licensing.plane.memory import Memory
from tenants.queries import TenantFacts
from tenants.roles import TENANT_ID

FIND_TENANT = """
SELECT id, company_name, status, plan, crm_id FROM public.tenants_tenant
WHERE is_provisioned AND status <> 'deleted'
  AND id = coalesce(nullif(%s, ''), (SELECT tenant_id FROM public.tenants_domain WHERE domain = %s))
"""
FIND_KEY = sql.SQL(
    "SELECT {columns}, (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')"
    " FROM keys_apikey WHERE secret_hash = ANY(%s) AND owner = %s"
).format(columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS))).as_string()  # fmt: skip
KEY_USED = """
UPDATE keys_apikey SET last_used_at = now()
WHERE id = (SELECT id FROM keys_apikey WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)
"""

log = structlog.get_logger("plane")


class Forgetful(Protocol):
    """Who remembers something that changes."""

    def forget(self, kind: str, name: str) -> None: ...

    def forget_all(self) -> None: ...


class Callers:
    """One per process."""

    def __init__(self, lookups: Lookups, limiter: Limiter, floods: Floods, hearers: Sequence[Forgetful] = ()) -> None:
        """`hearers` are told of changes too, once they are known here."""
        self._lookups, self._floods = lookups, floods
        self._hearers = hearers
        self._tenants: Memory[TenantFacts | None] = Memory(REMEMBERED_SECONDS)
        self._keys: Memory[KeyFacts] = Memory(REMEMBERED_SECONDS)
        self._proofs: Memory[tuple[str, proving.Proof]] = Memory(REMEMBERED_SECONDS)  # with whose tenant's they are
        self._limiter = limiter

    async def tenant_of(self, host: str) -> TenantFacts | None:
        """The tenant a host leads to; None for every other host."""
        return await self._tenants.get(host, lambda: self._find_tenant(host))

    async def recognise(self, request: Request, tenant: TenantFacts) -> KeyFacts:
        """The usable key that the request carries; raises 401s, `WrongTenant`, `TenantSuspended`, and `RateLimited` in a flood."""
        if tenant.status != "active":
            raise TenantSuspended
        text = recognising.bearer(request.headers.get("authorization", ""))
        name = f"{tenant.id} {tokens.nickname(text)}"
        key = await self._keys.get(name, lambda: self._find_key(tenant.id, text, request.client_ip))
        return recognising.usable(key, clock.now())

    async def prove(self, request: Request, tenant: TenantFacts, key: KeyFacts) -> proving.Proof | None:
        """What the request's certificate proves, for a key that asks for one; None if there is none."""
        if not key.needs_certificate or not request.certificate:
            return None
        presented = proving.read(request.certificate)
        name = f"{tenant.id} {presented.fingerprint}"
        _, proof = await self._proofs.get(name, lambda: self._find_proof(tenant.id, presented))
        return proof

    async def may_be_noted(self, tenant_id: str, key_id: str, ip: str) -> bool:
        """Whether one more refusal is worth an audit entry: a flood is not written down whole."""
        return (await self._limiter.take_async(noting(tenant_id, key_id, ip))).passed

    async def listen(self) -> None:
        """Forget keys as they change, for ever; when Valkey is away, everything is forgotten at its return."""
        while True:
            try:
                async with valkey.from_event_loop(settings.REDIS_URL, decode_responses=True).pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    self._keys.forget_all()
                    self._proofs.forget_all()
                    self._tenants.forget_all()
                    for hearer in self._hearers:
                        hearer.forget_all()
                    async for message in channel.listen():
                        self._forget(str(message["data"]))
            except (redis.RedisError, OSError):
                log.warning("valkey is away: a revoked key works for some seconds more", seconds=REMEMBERED_SECONDS)
                await asyncio.sleep(1)

    def _forget(self, message: str) -> None:
        kind, _, name = message.partition(" ")
        if kind == "key":
            self._keys.forget(lambda key: key.id == name)
        elif kind == "certificates":
            self._proofs.forget(lambda known: known[0] == name)
        elif kind == "tenant":
            self._tenants.forget(lambda tenant: tenant is not None and tenant.id == name)
        elif kind == data_keys.CHANGED:
            data_keys.forget(UUID(name))
        for hearer in self._hearers:
            hearer.forget(kind, name)

    async def _find_tenant(self, host: str) -> TenantFacts | None:
        label = host.removesuffix(f".{settings.BASE_HOST}")
        if label == host:
            label = ""
        elif not TENANT_ID.fullmatch(label) or label == "vendors":
            return None
        rows = await self._lookups.ask("", FIND_TENANT, label, host)
        return TenantFacts(*rows[0]) if rows else None

    async def _find_key(self, tenant_id: str, text: str, ip: str) -> KeyFacts:
        recognising.refuse_other_tenants(recognising.owner_of(text, recognising.APPLICATION), tenant_id)
        whose = f"{tenant_id}:{network_of(ip)}"
        self._floods.hold_back(whose)
        rows = await self._lookups.ask(tenant_id, FIND_KEY, tokens.digests(text), tenant_id)
        if not rows:
            await self._floods.count(whose)
            raise KeyInvalid
        *columns, is_long_unused = rows[0]
        key = recognising.facts_from(dict(zip(COLUMNS, columns, strict=True)))
        if is_long_unused:
            await self._lookups.ask(tenant_id, KEY_USED, key.id)
        return key

    async def _find_proof(self, tenant_id: str, presented: proving.Presented) -> tuple[str, proving.Proof]:
        rows = await self._lookups.ask(tenant_id, proving.FIND_TRUST, presented.serial, presented.serial)
        return tenant_id, proving.judge(presented, proving.anchors_from(rows), clock.now())


def caller_of(request: Request, tenant: TenantFacts, key: KeyFacts, hostname: str = "") -> Caller:
    """`hostname`: what the body says; the header says it too, and both have to be allowed."""
    named = tuple(dict.fromkeys(filter(None, (request.headers.get("x-hostname", "").strip(), hostname))))
    return Caller(
        tenant_id=tenant.id,
        plan=tenant.plan,
        key=key,
        presented=Presented(ip=request.client_ip, hostnames=named, proof=request.proof),
        fingerprint=request.headers.get("x-app-fingerprint", ""),
        user_agent=request.headers.get("user-agent", ""),
        request_id=request.id,
    )
