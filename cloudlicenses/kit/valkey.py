"""Valkey from an event loop, by a URL. Certificates are short-lived, so each new connection reads its own anew, as threads' do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import redis.asyncio
from redis.asyncio.connection import SSLConnection


class _ReadsAnew(SSLConnection):
    """redis-py's own remembers what it has read for as long as a pool keeps it, however often it connects again."""

    def _connection_arguments(self) -> Mapping[str, Any]:
        self.ssl_context.context = None
        return super()._connection_arguments()


def from_event_loop(url: str, **options: Any) -> redis.asyncio.Redis:
    """As `redis.asyncio.Redis.from_url`."""
    pool = redis.asyncio.ConnectionPool.from_url(url, **options)
    if url.startswith("rediss://"):
        pool.connection_class = _ReadsAnew
    return redis.asyncio.Redis.from_pool(pool)
