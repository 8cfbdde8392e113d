"""What the plane answers: leases as JSON, with their signed token and when to call again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from cloudlicenses.kit.clock import rfc3339
from keys.signing import EDDSA, Signer, signer_for
from licensing.checkout import Granted, Wanted
from licensing.plane.memory import Memory
from licensing.plane.room import BUSY
from licensing.tokens import lease_token
from tenants.context import inside

SIGNERS_REMEMBERED_SECONDS = 60.0


class Answers:
    """One per process. Signing keys come by Django's connection, in two threads of their own, and are remembered."""

    def __init__(self) -> None:
        self._signers: Memory[Signer] = Memory(SIGNERS_REMEMBERED_SECONDS)
        self.threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="plane")

    async def to_checkout(self, tenant_id: str, wanted: Wanted, granted: Granted, load: float) -> dict[str, Any]:
        """`load` as for `heartbeat_interval`."""
        facts = granted.facts
        issued, expires = datetime.fromisoformat(facts["issued_at"]), datetime.fromisoformat(facts["expires_at"])
        lease = {**facts, "product_id": wanted.product_id, "user": wanted.user, "hostname": facts["hostname"]}
        return {
            "status": "success",
            "lease_id": facts["lease_id"],
            "license_id": facts["license_id"],
            "lease_type": facts["lease_type"],
            "cost": Decimal(facts["cost"]),
            "currency": facts["currency"],
            "issued_at": rfc3339(issued),
            "expires_at": rfc3339(expires),
            "heartbeat_interval_seconds": heartbeat_interval(facts["ttl"], load),
            "lease_token": await self._token(tenant_id, lease, wanted.offline, issued, expires),
            "features": dict.fromkeys(facts["features"], True),
        }

    async def to_heartbeat(self, tenant_id: str, facts: Mapping[str, Any], load: float) -> dict[str, Any]:
        renewed, expires = datetime.fromisoformat(facts["renewed_at"]), datetime.fromisoformat(facts["expires_at"])
        return {
            "status": "active",
            "lease_id": facts["lease_id"],
            "lease_type": facts["lease_type"],
            "expires_at": rfc3339(expires),
            "heartbeat_interval_seconds": heartbeat_interval(facts["ttl"], load),
            "lease_token": await self._token(tenant_id, facts, facts["offline"], renewed, expires),
        }

    def to_return(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "status": "returned",
            "lease_id": facts["lease_id"],
            "lease_type": facts["lease_type"],
            "total_cost": Decimal(facts["cost"]),
            "currency": facts["currency"],
            "duration_seconds": facts["duration"],
        }

    async def _token(
        self, tenant_id: str, lease: Mapping[str, Any], offline: bool, moment: datetime, expires: datetime
    ) -> str:
        signer = await self._signers.get(tenant_id, lambda: self._signer(tenant_id))
        return lease_token(
            signer,
            tenant_id=tenant_id,
            lease=dict(lease),
            features=lease["features"],
            offline=offline,
            moment=moment,
            expires=expires,
        )

    async def _signer(self, tenant_id: str) -> Signer:
        return await asyncio.get_running_loop().run_in_executor(self.threads, _signer_of, tenant_id)


def heartbeat_interval(ttl: int, load: float = 0.0) -> int:
    """Seconds until the next heartbeat. Three may be missed before the lease lapses; once the server is busy, the more of it
    is taken (`load`, 0 to 1), the longer, but never past half of the lease's life."""
    usual, longest = min(settings.HEARTBEAT_SECONDS, ttl // 3), ttl // 2
    busy = max(0.0, load - BUSY) / (1 - BUSY)
    return max(1, min(longest, round(usual + (longest - usual) * busy)))


def _signer_of(tenant_id: str) -> Signer:
    close_old_connections()
    with inside(tenant_id):
        return signer_for(tenant_id, EDDSA)
