"""The conversations with the server, written once for both clients. Read `checkout` first.

Each takes the wire it travels on. They hold the promise the library is made for: what the server says counts, always; only when it
can't say anything does a signed lease that is still good stand in for it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ._cache import Cache, platform_cache_dir
from ._cached_lease import CachedLease, LeaseShelf
from ._calls import (
    Calls,
    CheckoutWishes,
    FeatureVerdict,
    Granted,
    ReturnReceipt,
    read_checkout,
    read_heartbeat,
    read_page,
    read_return,
    read_use,
    read_verdict,
)
from ._errors import (
    ClockSetBackError,
    CloudLicensesError,
    ConfigurationError,
    LeaseTokenError,
    RefusedError,
    ServerError,
    ServerUnreachableError,
)
from ._keyring import Keyring
from ._lease import Grant, LeaseControl
from ._patience import Patience, ask
from ._refusals import DeviceNotAllowedError, DeviceRequiredError, LeaseGoneError, RateLimitedError
from ._settings import Settings
from ._standing import Standing
from ._token import Claims, Expected, parse, refuse_untimely, verified_claims
from ._wire import Answer, Request, Wire

_log = logging.getLogger("cloudlicenses_client")
_MOST_PAGES = 1000


class Session:
    """One application's standing with one server."""

    def __init__(self, settings: Settings) -> None:
        cache = Cache(Path(settings.cache_dir) if settings.cache_dir else platform_cache_dir())
        self.settings = settings
        self.calls = Calls(settings)
        self._patience = Patience(settings.max_retries)
        self._standing = Standing(settings)
        self._shelf = LeaseShelf(cache, settings.server_url, settings.clock)
        self._keyring = Keyring(settings.server_url, cache, settings.clock)

    async def checkout(self, wire: Wire, user: str, wishes: CheckoutWishes) -> Grant:
        """A verified lease for this user; a cached one if the server can't be reached."""
        if not user or not self.settings.product_id:
            raise ConfigurationError("A checkout needs a product and a user.")
        try:
            answer = await self._ask(wire, self.calls.checkout(user, wishes))
        except (ServerUnreachableError, ServerError) as outage:
            return self._stand_in(user, wishes, outage)
        except RateLimitedError:
            raise
        except RefusedError:
            self._shelf.empty(self.settings.product_id, user, self.settings.hostname)
            raise
        granted = read_checkout(answer)
        try:
            claims = await self._verified(wire, granted.token, self._expected(user, granted.lease_id))
        except CloudLicensesError:
            await self._give_back(wire, granted.lease_id)
            raise
        grant = _grant_of(granted, claims)
        self.remember(grant)
        return grant

    async def heartbeat(self, wire: Wire, lease: LeaseControl) -> None:
        """Renew the lease; raises what hinders it. A lease that the server calls gone is forgotten on disk."""
        grant = lease.grant
        try:
            answer = await self._ask(wire, self.calls.heartbeat(grant.claims.lease_id))
        except LeaseGoneError:
            self._shelf.drop(grant.claims.lease_id)
            raise
        token = read_heartbeat(answer)
        claims = await self._verified(wire, token, self._expected(grant.claims.user, grant.claims.lease_id))
        fresh = replace(grant, claims=claims, token=token, is_offline=False)
        if lease.renew(fresh):
            self.remember(fresh)

    async def return_license(
        self, wire: Wire, lease_id: str, usage_metadata: Mapping[str, Any] | None = None
    ) -> ReturnReceipt:
        """Give the seat back. If the server can't be reached the signed lease stays cached: the seat is still held."""
        try:
            answer = await self._ask(wire, self.calls.return_license(lease_id, usage_metadata))
        except LeaseGoneError:
            self._shelf.drop(lease_id)
            raise
        self._shelf.drop(lease_id)
        return read_return(answer)

    async def validate_feature(
        self, wire: Wire, feature: str, context: Mapping[str, str] | None = None
    ) -> FeatureVerdict:
        """Ask the server, with its limits and counts; `Lease.has_feature` asks nobody."""
        return read_verdict(await self.send(wire, self.calls.validate_feature(feature, context)))

    async def track_usage(
        self, wire: Wire, feature: str, action: str, quantity: int, metadata: Mapping[str, Any] | None
    ) -> str:
        """One use, written down once however often it has to be sent."""
        return read_use(await self.send(wire, self.calls.track_usage(feature, action, quantity, metadata)))

    async def listing(self, wire: Wire, path: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page, cursor = read_page(await self.send(wire, self.calls.page(path, cursor)))
            rows += page
            if not cursor:
                break
        return rows

    async def send(self, wire: Wire, request: Request) -> Answer:
        """One logical call, retried as all are."""
        return await self._ask(wire, request)

    async def _ask(self, wire: Wire, request: Request) -> Answer:
        """Signed by what there is to sign with. A server that asks for a device is shown this one, once."""
        try:
            return await ask(self._standing.signing(wire), request, self._patience)
        except (DeviceRequiredError, DeviceNotAllowedError):
            if not await self._introduce_device(wire):
                raise
        return await ask(self._standing.signing(wire), request, self._patience)

    async def _introduce_device(self, wire: Wire) -> bool:
        """Whether the server lets this workstation in, now that it knows it; it may have waited for an approval before."""
        key = self._standing.device_key()
        request = self.calls.register_device(key.public_pem)
        answer = (await ask(self._standing.signing(wire), request, self._patience)).json_object()
        if answer.get("state") != "active":
            _log.warning("This workstation waits for an administrator's approval; its thumbprint is %s.", key.key_id)
        return answer.get("state") == "active"

    def remember(self, grant: Grant) -> None:
        """Keep a lease fresh from the server for a start without network."""
        claims = grant.claims
        kept = CachedLease(
            lease_id=claims.lease_id,
            lease_token=grant.token,
            heartbeat_seconds=grant.heartbeat_seconds,
            cost=str(grant.cost),
            currency=grant.currency,
            seen_at=self.settings.clock.wall(),
        )
        self._shelf.keep(claims.product, claims.user, self.settings.hostname, kept)

    def note_the_time(self, grant: Grant) -> None:
        """Keep that this moment has been, while the server can't sign that it has. A clock set back changes nothing."""
        where = (grant.claims.product, grant.claims.user, self.settings.hostname)
        kept, now = self._shelf.find(*where), self.settings.clock.wall()
        if kept is not None and kept.lease_id == grant.claims.lease_id and kept.seen_at < now:
            self._shelf.keep(*where, replace(kept, seen_at=now))

    def _stand_in(self, user: str, wishes: CheckoutWishes, outage: CloudLicensesError) -> Grant:
        kept = self._shelf.find(self.settings.product_id, user, self.settings.hostname)
        if kept is None or not self.settings.offline_fallback:
            raise outage
        try:
            grant = self._believed(kept, user)
        except ClockSetBackError:
            raise
        except LeaseTokenError as reason:
            _log.warning("The cached lease can't stand in: %s", reason)
            self._shelf.drop(kept.lease_id)
            raise outage from None
        if any(not grant.claims.features.get(feature) for feature in wishes.get("features", ())):
            raise outage
        _log.warning("%s Going on offline with %s until its signed expiry.", outage, kept.lease_id)
        self.note_the_time(grant)
        return grant

    def _believed(self, kept: CachedLease, user: str) -> Grant:
        token = parse(kept.lease_token)
        claims = verified_claims(token, self._keyring.known(token.key_id), self._expected(user, kept.lease_id))
        refuse_untimely(claims, self.settings.clock, not_before=kept.seen_at)
        return Grant(claims, kept.lease_token, kept.heartbeat_seconds, kept.price, kept.currency, is_offline=True)

    async def _verified(self, wire: Wire, token: str, expected: Expected) -> Claims:
        parts = parse(token)

        async def fetch() -> dict[str, Any]:
            return (await self.send(wire, self.calls.jwks())).json_object()

        claims = verified_claims(parts, await self._keyring.find(parts.key_id, fetch), expected)
        refuse_untimely(claims, self.settings.clock)
        return claims

    def _expected(self, user: str, lease_id: str) -> Expected:
        settings = self.settings
        return Expected(settings.product_id, user, settings.hostname, settings.tenant, lease_id)

    async def _give_back(self, wire: Wire, lease_id: str) -> None:
        # The seat behind a lease that can't be believed would otherwise stay taken until it lapses.
        with contextlib.suppress(CloudLicensesError):
            await self.return_license(wire, lease_id)


def _grant_of(granted: Granted, claims: Claims) -> Grant:
    return Grant(claims, granted.token, granted.heartbeat_seconds, granted.cost, granted.currency, is_offline=False)
