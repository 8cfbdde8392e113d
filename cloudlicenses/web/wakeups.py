"""Telling every process that something changed, after commit, over Valkey's pub/sub: forget what you remember of it.

Nothing depends on a message arriving: what is remembered is remembered for `REMEMBERED_SECONDS`, which is the bound on a revocation
or suspension while Valkey is away. With it: milliseconds.
"""

from __future__ import annotations

import redis
import structlog
from django.conf import settings
from django.db import transaction

CHANNEL = "cl:changed"
REMEMBERED_SECONDS = 5.0

log = structlog.get_logger("wakeups")


def announce(kind: str, name: str) -> None:
    """After commit: whatever is remembered of this (`"key"`, its id; `"tenant"`, its id) is out of date."""
    transaction.on_commit(lambda: _publish(f"{kind} {name}"))


def _publish(message: str) -> None:
    try:
        _client().publish(CHANNEL, message)
    except redis.RedisError:
        log.warning("valkey is away: what changed is remembered for some seconds more", seconds=REMEMBERED_SECONDS)


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
