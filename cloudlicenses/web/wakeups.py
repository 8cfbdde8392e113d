"""Telling every process that something changed, after commit, over Valkey's pub/sub: forget what you remember of it, or look again.

Nothing depends on a message arriving: what is remembered is remembered for `REMEMBERED_SECONDS`, which is the bound on a revocation
or suspension while Valkey is away. With it: milliseconds. Event streams look again by themselves, some seconds later.

A vendor's pages hear only that something of a kind changed. What there is to know of it stands in Valkey: for each kind a mark,
another one after each change (licensing/streams/changes.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import transaction

CHANNEL = "cl:changed"
HAPPENED = "cl:happened"
MARKS = "cl:marks:"  # and the vendor's id
MARKS_KEPT_SECONDS = 2 * 86_400  # whoever comes back later is told of every kind
TABLES = "tables"  # of tenants are being changed, by a deploy
OF_VENDOR = "vendor:"  # before its id, where tenants are named by theirs, which have no colon
REMEMBERED_SECONDS = 5.0
AWAY_SECONDS = 1.0

log = structlog.get_logger("wakeups")
heard_here: list[Callable[[str], None]] = []  # told at once, in this process, of a tenant at which something happened
_away_until = 0.0


def announce(kind: str, name: str) -> None:
    """After commit: whatever is remembered of this (`"key"`, its id; `"tenant"`, its id) is out of date."""
    transaction.on_commit(lambda: _publish(CHANNEL, f"{kind} {name}"))


def announce_event(tenant_id: str) -> None:
    """After commit: the tenant's event streams have something new to tell."""
    transaction.on_commit(lambda: _tell_streams(tenant_id))


def announce_change(vendor_id: str, kind: str) -> None:
    """After commit: pages of this vendor's that show things of this kind have something new to show."""
    transaction.on_commit(lambda: _mark(vendor_id, kind))


def _tell_streams(tenant_id: str) -> None:
    for hear in heard_here:
        hear(tenant_id)
    if time.monotonic() > _away_until:  # one event more or less is found later: not worth a wait for each
        _publish(HAPPENED, f"- {tenant_id}")


def _mark(vendor_id: str, kind: str) -> None:
    """A mark is an instant in microseconds: a page can say since when it wants to hear."""
    if time.monotonic() < _away_until:
        return  # vendors' streams end while Valkey is away, and their pages ask now and then
    name = MARKS + vendor_id
    with _going_on_without(), _client().pipeline(transaction=False) as together:
        together.hset(name, kind, f"{time.time_ns() // 1000:x}")
        together.expire(name, MARKS_KEPT_SECONDS)
        together.publish(HAPPENED, f"- {OF_VENDOR}{vendor_id}")
        together.execute()


def _publish(channel: str, message: str) -> None:
    with _going_on_without():
        _client().publish(channel, message)


@contextmanager
def _going_on_without() -> Iterator[None]:
    """Without Valkey, that is."""
    global _away_until
    try:
        yield
    except redis.RedisError:
        _away_until = time.monotonic() + AWAY_SECONDS
        log.warning("valkey is away: what changed is known some seconds later", seconds=REMEMBERED_SECONDS)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
