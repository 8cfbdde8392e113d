"""What else a key must pass, once it is in its place: the application's fingerprint and signature, the device's, its limits.

The rules are `applications.judging`'s; here is where what they need is remembered (known.py), where nonces are spent, and where
fingerprints are seen to be learned. A nonce that this process has seen never passes it again, whether Valkey is there or not.
"""

from __future__ import annotations

from datetime import datetime

from applications import judging
from applications.judging import Guards
from applications.nonces import Nonces, once, refuse_unless
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.signatures import Signature, Signed
from keys.rates import limits_on
from keys.recognising import KeyFacts
from keys.refusals import RateLimited
from licensing.checkout import Caller, Wanted
from licensing.plane.http import Request
from licensing.plane.known import Known
from licensing.plane.learning import Learner
from tenants.queries import TenantFacts


class Admission:
    """One per process."""

    def __init__(self, known: Known, limiter: Limiter, learner: Learner) -> None:
        self.known, self.learner = known, learner
        self._limiter = limiter
        self._nonces = Nonces()

    async def to_checkout(self, request: Request, caller: Caller, wanted: Wanted) -> None:
        """Raises `FingerprintBlocked`, `SignatureInvalid`, `DeviceRequired`, `DeviceNotAllowed`, `RateLimited`."""
        guards = await self.known.guards_of(caller.tenant_id)
        request.product_matters = _product_matters(request, guards)
        spent = await self._prove(request, caller, wanted.product_id, guards, wanted.user)
        await self._count(request, caller, spent, is_checkout=True)

    async def to_lease(self, request: Request, caller: Caller, lease_id: str) -> None:
        """As `to_checkout`, for what is done with a lease; which product it is of matters only where something could be refused, or
        was signed."""
        guards = await self.known.guards_of(caller.tenant_id)
        request.product_matters = _product_matters(request, guards)
        product_id = await self.known.product_of(caller.tenant_id, lease_id) if request.product_matters else ""
        spent = await self._prove(request, caller, product_id, guards)
        await self._count(request, caller, spent, is_checkout=False)

    async def count_misfit(self, request: Request, tenant: TenantFacts, key: KeyFacts) -> None:
        """One more request of this key that could not even be read; raises `RateLimited`."""
        request.verdict = await self._limiter.take_async(limits_on(key, tenant.id, tenant.plan))
        if not request.verdict.passed:
            raise RateLimited(retry_after=request.verdict.retry_after)

    async def _prove(
        self, request: Request, caller: Caller, product_id: str, guards: Guards, user: str = ""
    ) -> list[Signature]:
        """The signatures that came with the request, all of them right."""
        now, signed = clock.now(), Signed(request.method, request.host, request.target, request.body)
        if product_id:
            await self._look_at_fingerprint(request, caller, product_id, guards, user, now)
        found = [
            await self._application(request, product_id, guards, signed, now.timestamp()) if product_id else None,
            await self._device(request, caller, signed, now.timestamp()),
        ]
        return [signature for signature in found if signature]

    async def _look_at_fingerprint(
        self, request: Request, caller: Caller, product_id: str, guards: Guards, user: str, now: datetime
    ) -> None:
        value = judging.fingerprint_in(caller.fingerprint)
        mode, revision = guards.mode_of(product_id)
        accepted: frozenset[str] = frozenset()
        if mode == judging.BLOCK:
            accepted = await self.known.accepted(caller.tenant_id, product_id, revision)
        state = str(judging.UNKNOWN)
        try:
            state = judging.judge_fingerprint(guards, product_id, value, accepted)
        finally:  # whoever is refused is seen too: an administrator may want to approve it
            if user and judging.is_worth_learning(value, mode):
                self.learner.saw(
                    caller, product_id, value, state, mode, user, request.headers.get("x-lib-version", ""), now
                )

    async def _application(
        self, request: Request, product_id: str, guards: Guards, signed: Signed, now: float
    ) -> Signature | None:
        header = request.headers.get("x-app-signature", "")
        if not header and product_id not in guards.must_sign:
            return None
        return judging.judge_application(await self.known.signing_of(product_id), signed, header, now)

    async def _device(self, request: Request, caller: Caller, signed: Signed, now: float) -> Signature | None:
        header = request.headers.get("x-device-signature", "")
        if not header and not caller.key.require_device:
            return None
        sent = signatures.read(header)
        device = await self.known.device(caller, sent.key_id) if sent else None
        return judging.judge_device(
            device, signed, header, now, key_id=caller.key.id, is_required=caller.key.require_device
        )

    async def _count(self, request: Request, caller: Caller, spent: list[Signature], *, is_checkout: bool) -> None:
        nonces = [once(caller.tenant_id, signature) for signature in spent]
        refuse_unless(self._nonces.is_new(nonce.name) for nonce in nonces)
        if nonces:
            refuse_unless([(await self._limiter.take_async(nonces)).passed])
        limits = limits_on(caller.key, caller.tenant_id, caller.plan, is_checkout=is_checkout)
        request.verdict = await self._limiter.take_async(limits)
        if not request.verdict.passed:
            raise RateLimited(retry_after=request.verdict.retry_after)


def _product_matters(request: Request, guards: Guards) -> bool:
    return guards.are_strict or "x-app-signature" in request.headers
