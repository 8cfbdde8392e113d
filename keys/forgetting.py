"""Telling every process that a key has changed, after commit, over Valkey's pub/sub.

The plane remembers keys for `REMEMBERED_SECONDS`; that is the bound on a revocation when Valkey is away. With it: milliseconds.
"""

from __future__ import annotations

import redis
import structlog
from django.conf import settings
from django.db import transaction

CHANNEL = "cl:keys:changed"
REMEMBERED_SECONDS = 5.0

log = structlog.get_logger("keys")


def announce(owner: str, key_id: str) -> None:
    """After commit: forget this key everywhere."""
    transaction.on_commit(lambda: _publish(f"{owner} {key_id}"))


def _publish(message: str) -> None:
    try:
        _client().publish(CHANNEL, message)
    except redis.RedisError:
        log.warning("valkey is away: a changed key is remembered for some seconds more", seconds=REMEMBERED_SECONDS)


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
