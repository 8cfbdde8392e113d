"""The client for ordinary, synchronous applications.

    client = LicenseClient(server_url, api_key, product_id="davinci-configurator-se")
    with client.checkout(user="alice@mercedes.com") as lease:
        if lease.has_feature("can_editor"):
            ...

Heartbeats run on a daemon thread for each lease. Nothing here decides anything: the conversations are in `_session.py`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._calls import CheckoutWishes, FeatureVerdict, ReturnReceipt
from ._errors import CloudLicensesError
from ._heartbeat_thread import HeartbeatThread
from ._lease import Grant, HeldLease, LeaseControl
from ._session import Session
from ._settings import ClientOptions, Settings, settings_from_env
from ._sync_wire import Connection, SyncWire, run_now

if TYPE_CHECKING:
    from typing_extensions import Unpack

_log = logging.getLogger("cloudlicenses_client")


class LicenseClient:
    """Checks seats of one product out of one tenant's server. Safe to share between threads."""

    def __init__(self, server_url: str, api_key: str, product_id: str, **options: Unpack[ClientOptions]) -> None:
        self._set_up(Settings(server_url, api_key, product_id, **options))

    @classmethod
    def from_env(cls, product_id: str, **options: Unpack[ClientOptions]) -> LicenseClient:
        """A client configured by `LICENSE_SERVER_URL` and `LICENSE_API_KEY`."""
        client = cls.__new__(cls)
        client._set_up(settings_from_env(product_id, **options))
        return client

    def _set_up(self, settings: Settings) -> None:
        self._session = Session(settings)
        self._connection = Connection(settings)
        self._wire = SyncWire(self._connection, self._pause)
        self._beating: dict[str, tuple[LeaseControl, HeartbeatThread]] = {}

    def checkout(self, user: str, **wishes: Unpack[CheckoutWishes]) -> Lease:
        """Take a seat and keep it alive; use it in a `with` block, or hand it back with `return_license`.

        Raises a `CheckoutRefusedError` (`LicenseUnavailableError`, `OverageMaxExceededError`, …) when there is no seat, and
        `ServerUnreachableError` when there is no server and no cached lease that could stand in.
        """
        grant = run_now(self._session.checkout(self._wire, user, wishes))
        lease = Lease(grant, self)
        control = LeaseControl(lease)
        self._beating[lease.id] = (control, HeartbeatThread(self._session, control, self._connection))
        return lease

    def return_license(self, lease_id: str, usage_metadata: Mapping[str, Any] | None = None) -> ReturnReceipt:
        """Give the seat back. Returning twice is fine and answers the same."""
        self._end(lease_id)
        return run_now(self._session.return_license(self._wire, lease_id, usage_metadata))

    def validate_feature(self, feature: str, context: Mapping[str, str] | None = None) -> FeatureVerdict:
        """Ask the server whether a feature may be used now, with its limits."""
        return run_now(self._session.validate_feature(self._wire, feature, context))

    def track_usage(
        self, feature: str, *, action: str = "use", quantity: int = 1, metadata: Mapping[str, Any] | None = None
    ) -> str:
        """Report the use of a feature; the id of the report. Needs the scope `usage:write`."""
        return run_now(self._session.track_usage(self._wire, feature, action, quantity, metadata))

    def licenses(self) -> list[dict[str, Any]]:
        """The tenant's licenses with what is in use and available. Needs the scope `license:read`."""
        return run_now(self._session.listing(self._wire, "/api/v1/licenses"))

    def close(self) -> None:
        """Stop all heartbeats and close the connections. Seats not returned lapse by themselves."""
        for lease_id in list(self._beating):
            self._beating.pop(lease_id)[1].stop()
        self._connection.close()

    def __enter__(self) -> LicenseClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        settings = self._session.settings
        return f"<{type(self).__name__} {settings.server_url} {settings.product_id}>"

    def _end(self, lease_id: str) -> None:
        control, heartbeat = self._beating.pop(lease_id, (None, None))
        if control is not None and heartbeat is not None:
            control.end()
            heartbeat.stop()

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)


class Lease(HeldLease):
    """A seat in use. In a `with` block it goes back at the end, whatever happens inside."""

    def __init__(self, grant: Grant, client: LicenseClient) -> None:
        super().__init__(grant, client._session.settings.clock)
        self._client = client

    def return_license(self, usage_metadata: Mapping[str, Any] | None = None) -> ReturnReceipt:
        """Give the seat back."""
        return self._client.return_license(self.id, usage_metadata)

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        control = LeaseControl(self)
        if not (control.is_held and control.is_mine):
            return
        try:
            self.return_license()
        except CloudLicensesError as trouble:
            # The work is done; failing now would only hide how it went. The seat lapses by itself.
            _log.warning("Lease %s could not be returned: %s", self.id, trouble)
