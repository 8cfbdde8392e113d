"""The house that is tormented: PostgreSQL, Valkey, two web processes over them, a worker, the scheduler, and the road to it.

Everything is real and of its own: a durable PostgreSQL on a volume that can be filled, and the processes that `make run` starts.
Clients know only the road (road.py), which leads to any web process that takes a connection.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from cloudlicenses.local import postgres, product, valkey
from cloudlicenses.local.part import Part
from cloudlicenses.local.ports import is_free, kept_port
from cloudlicenses.local.secrets import new_master_key, new_secret_key
from torture.keeping import Keeper, keeping
from torture.volume import Volume

WEB = ("web-1", "web-2")
# A small log, often recycled: so a full disk is felt in it as well as in the tables.
SETTINGS = ("max_wal_size=96MB", "min_wal_size=32MB", "checkpoint_timeout=30s")
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base",
    "BASE_DOMAIN": "localhost:8000",
    "LOG_LEVEL": "WARNING",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "TRUSTED_PROXIES": "127.0.0.1",  # the road's clients say themselves which certificate they hold
}
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@dataclass(slots=True)
class House:
    keeper: Keeper
    volume: Volume
    owner_url: str
    web_ports: tuple[int, ...]
    road_port: int = 0

    def database_processes(self) -> list[int]:
        """Everything of PostgreSQL; its postmaster hands its limits down to whatever it starts."""
        return [pid for pid in (self.keeper.pid_of("postgres"), *self.sessions()) if pid]

    def sessions(self, kind: str = "") -> list[int]:
        """PostgreSQL's own processes, or those that serve clients (`client backend`); none when it can't be asked."""
        try:
            with psycopg.connect(self.owner_url, connect_timeout=2, autocommit=True) as owner:
                found = owner.execute(f"{SESSIONS} AND (%s = '' OR backend_type = %s)", [kind, kind])
                return [int(pid) for (pid,) in found]
        except psycopg.OperationalError:
            return []


@contextmanager
def house(place: Path, room: Volume) -> Iterator[House]:
    """PostgreSQL and Valkey, running; this process' environment names them, so that Django may be set up now."""
    with keeping(place / "logs") as keeper:
        database = postgres.prepare(room.directory / "postgres", is_lasting=False)
        cache = valkey.prepare(place / "valkey", is_lasting=False)
        built = House(keeper, room, database.url, tuple(kept_port(place / f"{name}.port") for name in WEB))
        keeper.start(_tuned(database.part), cache.part)
        secrets = {"SECRET_KEY": new_secret_key(), "MASTER_KEY": new_master_key()}
        os.environ.update(ENVIRONMENT, DATABASE_URL=database.url, REDIS_URL=cache.url, **secrets)
        try:
            yield built
        finally:
            room.empty(built.database_processes())  # to stop in order PostgreSQL has to write


def open_up(built: House, place: Path, seed: str) -> None:
    """Start the product and the road to it."""
    built.road_port = kept_port(place / "road.port")
    built.keeper.start(*_product(built, place))
    road = (sys.executable, "-m", "torture.road", str(built.road_port), seed, *map(str, built.web_ports))
    built.keeper.start(Part("road", road, is_ready=lambda: not is_free(built.road_port)))


def _product(built: House, place: Path) -> Iterator[Part]:
    for name, port in zip(WEB, built.web_ports, strict=True):
        os.environ["PORT"] = str(port)
        web, worker, beat = product.processes(place)
        yield replace(web, name=name, ready_within=120.0)
    yield from (worker, beat)


def _tuned(part: Part) -> Part:
    return replace(part, command=(*part.command, *(word for setting in SETTINGS for word in ("-c", setting))))
