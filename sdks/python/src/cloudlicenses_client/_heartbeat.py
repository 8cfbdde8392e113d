"""Keeping a lease alive, on either wire.

Trouble never ends the beat: the lease goes on by its signature, and the next beat may get through. Only the server's word that the
seat is gone ends it. A lease out of the cache beats soon, to rejoin the server.
"""

from __future__ import annotations

import logging
import random

from ._errors import CloudLicensesError
from ._lease import LeaseControl
from ._refusals import LeaseGoneError
from ._session import Session
from ._wire import Wire

_log = logging.getLogger("cloudlicenses_client")
_LONGEST_PAUSE_IN_TROUBLE = 30.0
_REJOIN_PAUSE = 1.0


async def keep_alive(session: Session, lease: LeaseControl, wire: Wire) -> None:
    """Beat until the lease is returned or gone; the wire's owner may end it at any pause."""
    pause = _early(lease.grant.heartbeat_seconds)
    if lease.grant.is_offline:
        pause = min(pause, _REJOIN_PAUSE)
    await wire.pause(pause)
    while lease.is_held:
        await wire.pause(await _beat(session, lease, wire))


async def _beat(session: Session, lease: LeaseControl, wire: Wire) -> float:
    """One beat; answers how long to wait for the next."""
    interval = lease.grant.heartbeat_seconds
    try:
        await session.heartbeat(wire, lease)
    except LeaseGoneError as gone:
        if lease.is_held:
            lease.end(gone)
            _log.warning("Lease %s is gone: %s", lease.grant.claims.lease_id, gone)
        return 0.0
    except CloudLicensesError as trouble:
        _log.warning("Heartbeat of %s failed, will try again: %s", lease.grant.claims.lease_id, trouble)
        if lease.is_held:
            session.note_the_time(lease.grant)
        return _early(min(interval, _LONGEST_PAUSE_IN_TROUBLE))
    return _early(interval)


def _early(seconds: float) -> float:
    # A little early and never quite together: a building full of workstations was switched on at nine.
    return seconds * random.uniform(0.8, 1.0)  # noqa: S311 - spreads load, guards nothing
