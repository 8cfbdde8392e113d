"""The client for asyncio applications: the same conversations as `_client.py`, over httpx's asynchronous transport.

    async with client.checkout(user="alice@mercedes.com") as lease:
        ...

`await client.checkout(...)` gives the lease without the block. Heartbeats are a task of the running loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from ._calls import CheckoutWishes, FeatureVerdict, ReturnReceipt
from ._errors import CloudLicensesError
from ._heartbeat import keep_alive
from ._http import as_answer, as_error, as_httpx, new_async_http_client
from ._lease import Grant, HeldLease, LeaseControl
from ._session import Session
from ._settings import ClientOptions, Settings, settings_from_env
from ._wire import Answer, Request

if TYPE_CHECKING:
    from typing_extensions import Unpack

_log = logging.getLogger("cloudlicenses_client")


class AsyncLicenseClient:
    """Checks seats of one product out of one tenant's server, within one event loop."""

    def __init__(self, server_url: str, api_key: str, product_id: str, **options: Unpack[ClientOptions]) -> None:
        self._set_up(Settings(server_url, api_key, product_id, **options))

    @classmethod
    def from_env(cls, product_id: str, **options: Unpack[ClientOptions]) -> AsyncLicenseClient:
        """A client configured by `LICENSE_SERVER_URL` and `LICENSE_API_KEY`."""
        client = cls.__new__(cls)
        client._set_up(settings_from_env(product_id, **options))
        return client

    def _set_up(self, settings: Settings) -> None:
        self._session = Session(settings)
        self._wire = _AsyncWire(settings)
        self._beating: dict[str, tuple[LeaseControl, asyncio.Task[None]]] = {}
        self._strays: set[asyncio.Task[None]] = set()

    def checkout(self, user: str, **wishes: Unpack[CheckoutWishes]) -> PendingLease:
        """Take a seat and keep it alive: `await` it, or use it as an `async with` block. Raises as `LicenseClient.checkout`."""
        return PendingLease(self, user, wishes)

    async def _checkout(self, user: str, wishes: CheckoutWishes) -> AsyncLease:
        taking = asyncio.create_task(self._session.checkout(self._wire, user, wishes))
        try:
            grant = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The server may have granted the seat already; nobody is left to use it.
            stray = asyncio.create_task(self._give_back(taking))
            self._strays.add(stray)
            stray.add_done_callback(self._strays.discard)
            raise
        lease = AsyncLease(grant, self)
        control = LeaseControl(lease)
        beat = asyncio.create_task(keep_alive(self._session, control, self._wire), name=f"heartbeat of {lease.id}")
        self._beating[lease.id] = (control, beat)
        return lease

    async def _give_back(self, taking: asyncio.Task[Grant]) -> None:
        with contextlib.suppress(CloudLicensesError):
            grant = await taking
            await self._session.return_license(self._wire, grant.claims.lease_id)

    async def return_license(self, lease_id: str, usage_metadata: Mapping[str, Any] | None = None) -> ReturnReceipt:
        """Give the seat back. Returning twice is fine and answers the same."""
        await self._end(lease_id)
        return await self._session.return_license(self._wire, lease_id, usage_metadata)

    async def validate_feature(self, feature: str, context: Mapping[str, str] | None = None) -> FeatureVerdict:
        """Ask the server whether a feature may be used now, with its limits."""
        return await self._session.validate_feature(self._wire, feature, context)

    async def track_usage(
        self, feature: str, *, action: str = "use", quantity: int = 1, metadata: Mapping[str, Any] | None = None
    ) -> str:
        """Report the use of a feature; the id of the report. Needs the scope `usage:write`."""
        return await self._session.track_usage(self._wire, feature, action, quantity, metadata)

    async def licenses(self) -> list[dict[str, Any]]:
        """The tenant's licenses with what is in use and available. Needs the scope `license:read`."""
        return await self._session.listing(self._wire, "/api/v1/licenses")

    async def close(self) -> None:
        """Stop all heartbeats and close the connections. Seats not returned lapse by themselves."""
        for lease_id in list(self._beating):
            await _cancelled(self._beating.pop(lease_id)[1])
        if self._strays:
            await asyncio.wait(self._strays)
        await self._wire.close()

    async def __aenter__(self) -> AsyncLicenseClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        settings = self._session.settings
        return f"<{type(self).__name__} {settings.server_url} {settings.product_id}>"

    async def _end(self, lease_id: str) -> None:
        control, beat = self._beating.pop(lease_id, (None, None))
        if control is not None and beat is not None:
            control.end()
            await _cancelled(beat)


class AsyncLease(HeldLease):
    """A seat in use. In an `async with` block it goes back at the end, whatever happens inside."""

    def __init__(self, grant: Grant, client: AsyncLicenseClient) -> None:
        super().__init__(grant, client._session.settings.clock)
        self._client = client

    async def return_license(self, usage_metadata: Mapping[str, Any] | None = None) -> ReturnReceipt:
        """Give the seat back."""
        return await self._client.return_license(self.id, usage_metadata)

    async def __aenter__(self) -> AsyncLease:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        control = LeaseControl(self)
        if not (control.is_held and control.is_mine):
            return
        try:
            await self.return_license()
        except CloudLicensesError as trouble:
            # The work is done; failing now would only hide how it went. The seat lapses by itself.
            _log.warning("Lease %s could not be returned: %s", self.id, trouble)


class PendingLease:
    """A checkout that happens when it is awaited or entered."""

    def __init__(self, client: AsyncLicenseClient, user: str, wishes: CheckoutWishes) -> None:
        self._client = client
        self._user = user
        self._wishes = wishes

    def __await__(self) -> Generator[Any, None, AsyncLease]:
        return self._client._checkout(self._user, self._wishes).__await__()

    async def __aenter__(self) -> AsyncLease:
        self._lease = await self
        return self._lease

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._lease.__aexit__(kind, error, trace)


class _AsyncWire:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = new_async_http_client(settings)

    async def send(self, request: Request) -> Answer:
        try:
            return as_answer(await self._http.send(as_httpx(self._http, self._settings, request)))
        except httpx.RequestError as failure:
            raise as_error(self._settings, failure) from failure

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        await self._http.aclose()


async def _cancelled(beat: asyncio.Task[None]) -> None:
    beat.cancel()
    # Not `await beat`: its cancellation would look like our own.
    await asyncio.wait({beat})
