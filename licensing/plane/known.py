"""What the plane remembers of applications and devices for some seconds, and forgets as it changes (web.wakeups).

Of a tenant all decisions are read at once; of a product in the mode `block` the accepted fingerprints, anew when somebody has
decided about one. Products' secrets lie in `public`, where a tenant's role sees none: they are read as the platform, opened here.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from django.db import close_old_connections

from applications.judging import ACCEPTED, DeviceFacts, Guards, ProductSigning
from applications.signing.secrets import signing_of
from cloudlicenses.kit.networks import network_of
from cloudlicenses.kit.signatures import open_public_key
from cloudlicenses.web.wakeups import REMEMBERED_SECONDS
from licensing.checkout import Caller
from licensing.guards import ALL_THAT_MUST, FIND_GUARDS, NO_GUARDS, guards_from
from licensing.plane.floods import Floods
from licensing.plane.lookups import Lookups
from licensing.plane.memory import Memory
from tenants.context import platform

LEASES_REMEMBERED_SECONDS = 3600.0  # which product a lease is of never changes
ACCEPTED_REMEMBERED_SECONDS = 60.0  # under a revision, which does

FIND_ACCEPTED = "SELECT value FROM applications_fingerprint WHERE product_id = %s AND state = ANY(%s)"
FIND_DEVICE = """
SELECT thumbprint, state, key_id, public_key,
       state = 'active' AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
FROM applications_device WHERE thumbprint = %s
"""
DEVICE_USED = """
UPDATE applications_device SET last_used_at = now()
WHERE thumbprint = (SELECT thumbprint FROM applications_device WHERE thumbprint = %s AND state = 'active'
                    FOR NO KEY UPDATE SKIP LOCKED)
"""
FIND_PRODUCT = (
    "SELECT product_id FROM licensing_license WHERE id = (SELECT license_id FROM licensing_lease WHERE id = %s)"
)


class Known:
    """One per process."""

    def __init__(self, lookups: Lookups, threads: Executor, floods: Floods) -> None:
        """`threads` have connections of Django's: a secret is opened by them."""
        self._lookups, self._threads, self._floods = lookups, threads, floods
        self._guards: Memory[Guards] = Memory(REMEMBERED_SECONDS)
        self._must_sign: Memory[frozenset[str]] = Memory(REMEMBERED_SECONDS)
        self._signing: Memory[ProductSigning] = Memory(REMEMBERED_SECONDS)
        self._devices: Memory[DeviceFacts | None] = Memory(REMEMBERED_SECONDS)
        self._accepted: Memory[tuple[int, frozenset[str]]] = Memory(ACCEPTED_REMEMBERED_SECONDS)
        self._products: Memory[str] = Memory(LEASES_REMEMBERED_SECONDS)

    async def guards_of(self, tenant_id: str) -> Guards:
        return await self._guards.get(tenant_id, lambda: self._find_guards(tenant_id))

    async def accepted(self, tenant_id: str, product_id: str, revision: int) -> frozenset[str]:
        """The fingerprints of a product that may come in, of this revision of it."""
        name = f"{tenant_id} {product_id}"  # one revision of each is kept: they may be thousands of fingerprints
        kept, values = await self._accepted.get(name, lambda: self._find_accepted(tenant_id, product_id, revision))
        if kept != revision:
            self._accepted.forget_one(name)
            _, values = await self._accepted.get(name, lambda: self._find_accepted(tenant_id, product_id, revision))
        return values

    async def signing_of(self, product_id: str) -> ProductSigning:
        return await self._signing.get(product_id, lambda: self._find_signing(product_id))

    async def device(self, caller: Caller, thumbprint: str) -> DeviceFacts | None:
        """None for one that isn't there. Raises `RateLimited` in a flood of them."""
        return await self._devices.get(
            f"{caller.tenant_id}:{thumbprint}", lambda: self._find_device(caller, thumbprint)
        )

    async def product_of(self, tenant_id: str, lease_id: str) -> str:
        """Of which product a lease is; empty when there is no such lease."""
        return await self._products.get(f"{tenant_id} {lease_id}", lambda: self._find_product(tenant_id, lease_id))

    def note_product(self, tenant_id: str, lease_id: str, product_id: str) -> None:
        """Of this product a lease was given here: at its heartbeats and its return nobody has to look."""
        self._products.note(f"{tenant_id} {lease_id}", product_id)

    def forget(self, kind: str, name: str) -> None:
        """As `wakeups.announce` says it."""
        if kind == "applications":
            self._guards.forget_one(name)
        elif kind == "device":
            self._devices.forget_one(name)
        elif kind == "product":
            self._signing.forget_one(name)
            self._must_sign.forget_all()
            self._guards.forget_all()  # few products change whether they must sign, and any tenant may have it

    def forget_all(self) -> None:
        for memory in (self._must_sign, self._guards, self._signing, self._devices):
            memory.forget_all()

    async def _find_guards(self, tenant_id: str) -> Guards:
        found = (await self._lookups.ask(tenant_id, FIND_GUARDS) or [NO_GUARDS])[0]
        must_sign = await self._must_sign.get("", self._find_must_sign)
        return guards_from(found, must_sign.intersection(found[2]))

    async def _find_must_sign(self) -> frozenset[str]:
        """Of all vendors' products: they are few."""
        return frozenset(str(product_id) for (product_id,) in await self._lookups.ask("", ALL_THAT_MUST))

    async def _find_accepted(self, tenant_id: str, product_id: str, revision: int) -> tuple[int, frozenset[str]]:
        rows = await self._lookups.ask(tenant_id, FIND_ACCEPTED, product_id, [str(state) for state in ACCEPTED])
        return revision, frozenset(str(value) for (value,) in rows)

    async def _find_product(self, tenant_id: str, lease_id: str) -> str:
        rows = await self._lookups.ask(tenant_id, FIND_PRODUCT, lease_id)
        return str(rows[0][0]) if rows else ""

    async def _find_device(self, caller: Caller, thumbprint: str) -> DeviceFacts | None:
        whose = f"{caller.tenant_id}:{caller.key.id}:{network_of(caller.presented.ip)}"
        self._floods.hold_back(whose)
        rows = await self._lookups.ask(caller.tenant_id, FIND_DEVICE, thumbprint)
        if not rows:
            await self._floods.count(whose)
            return None
        found, state, key_id, public_key, is_long_unused = rows[0]
        if is_long_unused:
            await self._lookups.ask(caller.tenant_id, DEVICE_USED, thumbprint)
        return DeviceFacts(found, state, key_id, open_public_key(bytes(public_key)))

    async def _find_signing(self, product_id: str) -> ProductSigning:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _signing_of, product_id)


def _signing_of(product_id: str) -> ProductSigning:
    close_old_connections()
    with platform():
        return signing_of(product_id)
