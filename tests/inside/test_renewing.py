"""Certificates change while everything runs: pools take the new one when they connect anew, servers when they are told."""

from __future__ import annotations

import asyncio
import socket
import ssl

import psycopg
import pytest
import redis
from cryptography import x509
from psycopg_pool import AsyncConnectionPool

from cloudlicenses.inside import telling
from cloudlicenses.inside.identities import Identity
from cloudlicenses.kit import valkey
from tests.inside.conftest import SERVERS, Inside

PRODUCT = Identity("product")
POOL = AsyncConnectionPool
SEEN = "SELECT client_serial::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def serial_of(inside: Inside, who: str) -> str:
    pem = (inside.place / who / "identity.pem").read_bytes()
    return str(x509.load_pem_x509_certificate(pem).serial_number)


def test_a_pool_of_postgresqls_connects_anew_with_the_new_certificate(inside: Inside) -> None:
    async def seen() -> list[str]:
        async with POOL(inside.postgres("product"), min_size=1, max_size=1, check=POOL.check_connection) as pool:
            async with pool.connection() as connection:
                found = [(await (await connection.execute(SEEN)).fetchone() or ("",))[0]]
            inside.issue(PRODUCT)
            _end_all(inside)
            async with pool.connection(timeout=60) as connection:
                found.append((await (await connection.execute(SEEN)).fetchone() or ("",))[0])
        return found

    former = serial_of(inside, "product")
    assert asyncio.run(seen()) == [former, serial_of(inside, "product")]
    assert former != serial_of(inside, "product")


def _end_all(inside: Inside) -> None:
    with psycopg.connect(inside.postgres("authority"), autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
        )


def test_pools_of_valkeys_connect_anew_with_the_new_certificate(inside: Inside) -> None:
    """The former one is over and forgotten: a pool that had kept it would be turned away."""
    url = inside.valkey("product")
    waiting = redis.Redis.from_url(url)
    waiting.ping()

    async def pinged() -> None:
        async with valkey.from_event_loop(url, retry_on_error=[]) as spoken:
            await spoken.ping()
            _make_worthless(inside)
            await spoken.connection_pool.disconnect()
            with pytest.raises(redis.ConnectionError):
                await spoken.ping()
            inside.issue(PRODUCT)
            await spoken.connection_pool.disconnect()
            assert await spoken.ping()

    asyncio.run(pinged())
    waiting.connection_pool.disconnect()
    assert waiting.ping()


def _make_worthless(inside: Inside) -> None:
    """What the file holds now nobody accepts: whoever reads it is refused."""
    another = Inside(inside.place / "elsewhere")
    another.place.mkdir(exist_ok=True)
    another.issue(PRODUCT)
    path = inside.place / "product" / "identity.pem"
    path.write_bytes((another.place / "product" / "identity.pem").read_bytes())


def test_servers_show_their_new_certificate_once_they_are_told(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", inside.postgres("authority"))
    monkeypatch.setenv("REDIS_URL", inside.valkey("authority"))
    former = serial_of(inside, "valkey")
    for identity in SERVERS:
        inside.issue(identity)
    assert shown_by_valkey(inside) == former
    telling.tell_servers()
    assert shown_by_valkey(inside) == serial_of(inside, "valkey")
    with psycopg.connect(inside.postgres("product")) as connection:
        loaded = connection.execute("SELECT pg_conf_load_time() > now() - interval '1 minute'").fetchone()
    assert loaded == (True,)


def shown_by_valkey(inside: Inside) -> str:
    context = ssl.create_default_context(cafile=inside.place / "product" / "authority.pem")
    context.load_cert_chain(inside.place / "product" / "identity.pem")
    with (
        socket.create_connection(("127.0.0.1", inside.valkey_port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as spoken,
    ):
        return str(x509.load_der_x509_certificate(spoken.getpeercert(binary_form=True) or b"").serial_number)


def test_a_server_that_is_away_is_told_later(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", inside.postgres("authority").replace(f":{inside.postgres_port}/", ":1/"))
    with pytest.raises(telling.CouldNotTell):
        telling.tell_servers()
