"""PostgreSQL and Valkey as deploy/ sets them up: encrypted, each side sure of the other's name, and nobody let in by a password."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import redis
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from cloudlicenses.inside.identities import Identity
from cloudlicenses.kit import valkey
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit
from tests.inside.conftest import Inside

SPOKEN = "SELECT version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def asked(url: str, question: str = SPOKEN) -> Any:
    with psycopg.connect(url, connect_timeout=60) as connection:
        return connection.execute(question).fetchone()


def test_postgresql_is_spoken_to_over_tls_by_certificate(inside: Inside) -> None:
    assert asked(inside.postgres("product")) == ("TLSv1.3", "/CN=product")
    assert asked(inside.postgres("product", user="cl_b76edeab_app"), "SELECT current_user") == ("cl_b76edeab_app",)
    assert asked(inside.postgres("authority"), "SELECT current_user") == ("cloudlicenses_owner",)


def test_another_name_than_it_was_asked_for_is_not_postgresql(inside: Inside) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        asked(inside.postgres("product", host="127.0.0.1"))


def test_another_authority_vouches_for_no_postgresql(inside: Inside, tmp_path_factory: pytest.TempPathFactory) -> None:
    another = Inside(tmp_path_factory.mktemp("another"), inside.postgres_port, inside.valkey_port, inside.password)
    another.issue(Identity("product"))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        asked(another.postgres("product"))
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        redis.Redis.from_url(another.valkey("product")).ping()
    mixed = another.valkey("product").replace(
        str(another.place / "product/authority"), str(inside.place / "product/authority")
    )
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(mixed).ping()


def test_in_clear_or_without_a_certificate_nobody_gets_in(inside: Inside) -> None:
    url = inside.postgres("product")
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        asked(url.replace("sslmode=verify-full", "sslmode=disable"))
    with pytest.raises(psycopg.OperationalError, match="requires a valid client certificate"):
        asked(url.partition("&sslcert=")[0])
    bare = inside.valkey("product").partition("&ssl_certfile=")[0]
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(bare).ping()
    with pytest.raises(redis.ConnectionError):
        redis.Redis(port=inside.valkey_port, password=inside.password).ping()


def test_a_certificate_opens_only_the_roles_that_it_stands_for(inside: Inside) -> None:
    inside.issue(Identity("stranger"))
    for who, user in (
        ("stranger", "cloudlicenses_owner"),
        ("authority", "cl_b76edeab_app"),
        ("postgres", "cloudlicenses_owner"),
    ):
        with pytest.raises(psycopg.OperationalError, match="certificate authentication failed"):
            asked(inside.postgres(who, user=user))


def test_what_was_short_lived_is_over(inside: Inside) -> None:
    inside.issue(Identity("late"), lifetime=timedelta(seconds=-1))
    with pytest.raises(psycopg.OperationalError, match="expired"):
        asked(inside.postgres("late"))
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(inside.valkey("late")).ping()


def test_valkey_is_spoken_to_over_tls_from_everywhere(inside: Inside) -> None:
    url = inside.valkey("product")
    assert redis.Redis.from_url(url).ping()
    assert asyncio.run(pinged(url))
    with Connection(url) as broker:
        broker.ensure_connection(max_retries=1)
        assert broker.as_uri().startswith("rediss://")
    limit = Limit("inside", 1, 60)
    limiter = Limiter(url, patience_seconds=60)
    assert [limiter.take([limit]).passed for _ in range(2)] == [True, False], "counted in Valkey, not in this process"
    assert redis.Redis.from_url(url).dbsize() > 0


async def pinged(url: str) -> bool:
    async with valkey.from_event_loop(url) as spoken:
        return bool(await spoken.ping())


def test_another_name_than_it_was_asked_for_is_not_valkey(inside: Inside) -> None:
    url = inside.valkey("product", host="127.0.0.1")
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        redis.Redis.from_url(url).ping()
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(pinged(url))
    with Connection(url) as broker, pytest.raises(OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        broker.ensure_connection(max_retries=1)
