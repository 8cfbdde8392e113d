"""The background beat of a synchronous lease: a daemon thread, so it never keeps the interpreter alive.

After a fork the child has none of its parent's threads, so it starts beats of its own: the lease it goes on using stays valid.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref

from ._heartbeat import keep_alive
from ._lease import LeaseControl
from ._session import Session
from ._sync_wire import Connection, SyncWire, run_now

_LONGEST_JOIN = 1.0


class _Stopped(Exception):
    """Ends a conversation at a pause."""


class HeartbeatThread:
    """Beats until `stop`, or until the lease is gone."""

    def __init__(self, session: Session, lease: LeaseControl, connection: Connection) -> None:
        self._session = session
        self._lease = lease
        self._connection = connection
        self._start()
        _running.add(self)

    def stop(self) -> None:
        """End it. A beat that hangs in the network is not waited for: it finds the lease ended."""
        self._stopping.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_LONGEST_JOIN)

    def start_again_in_child(self) -> None:
        if not self._stopping.is_set() and self._lease.is_held:
            self._lease.unlock_after_fork()
            self._start()

    def _start(self) -> None:
        self._stopping = threading.Event()
        name = f"cloudlicenses-heartbeat-{self._lease.grant.claims.lease_id}"
        self._thread = threading.Thread(target=self._beat, name=name, daemon=True)
        self._thread.start()

    def _beat(self) -> None:
        wire = SyncWire(self._connection, self._pause)
        with contextlib.suppress(_Stopped):
            run_now(keep_alive(self._session, self._lease, wire))

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Stopped


_running: weakref.WeakSet[HeartbeatThread] = weakref.WeakSet()


def _start_again_in_child() -> None:
    for heartbeat in list(_running):
        heartbeat.start_again_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_again_in_child)
