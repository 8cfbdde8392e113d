"""Servers read their certificate when they start, and when they are told to."""

from __future__ import annotations

import psycopg
import redis

from cloudlicenses.settings import env

PATIENCE_SECONDS = 10


class CouldNotTell(Exception):
    """A server was not there, or didn't listen. Until it is told it shows its former certificate."""


def tell_servers() -> None:
    """PostgreSQL and Valkey, where DATABASE_URL and REDIS_URL say; those whose connections come from here on see the new ones.

    Raises `CouldNotTell`; it may be repeated.
    """
    try:
        tell_postgres(env.text("DATABASE_URL"))
        tell_valkey(env.text("REDIS_URL"))
    except (psycopg.Error, redis.RedisError, OSError) as error:
        raise CouldNotTell(str(error)) from error


def tell_postgres(url: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=PATIENCE_SECONDS) as owner:
        owner.execute("SELECT pg_reload_conf()")


def tell_valkey(url: str) -> None:
    """Setting the name of its file, to what it is already, makes Valkey read the file again."""
    valkey = redis.Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
    with valkey:
        certificate, key = (str(valkey.config_get(name)[name]) for name in ("tls-cert-file", "tls-key-file"))
        valkey.config_set("tls-cert-file", certificate, "tls-key-file", key)
