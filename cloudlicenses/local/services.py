"""The servers that the product needs, where the environment names no others: PostgreSQL, Valkey and, to run, mail."""

from pathlib import Path

from cloudlicenses.settings.env import is_set

from . import mail, postgres, valkey
from .part import Server
from .supervisor import Supervisor


def start_lasting(supervisor: Supervisor, local: Path) -> dict[str, str]:
    """Start what `make run` needs, its data kept in `local`; answers the variables that tell where everything is."""
    servers: dict[str, Server] = {}
    told: dict[str, str] = {}
    if not is_set("DATABASE_URL"):
        servers["DATABASE_URL"] = postgres.prepare(local / "postgres")
    if not is_set("REDIS_URL"):
        servers["REDIS_URL"] = valkey.prepare(local / "valkey")
    if not is_set("EMAIL_URL"):
        servers["EMAIL_URL"] = mail.prepare(local / "mail")
        told["MAIL_SINK_DIR"] = str(local / "mail")
    return told | _started(supervisor, servers)


def start_passing(supervisor: Supervisor, place: Path, *, is_durable: bool) -> dict[str, str]:
    """Start what tests need, with nothing in it and nothing kept; answers the variables that tell where it is."""
    servers: dict[str, Server] = {}
    if not is_set("DATABASE_URL"):
        servers["DATABASE_URL"] = postgres.prepare(place / "postgres", is_lasting=False, is_durable=is_durable)
    if not is_set("REDIS_URL"):
        servers["REDIS_URL"] = valkey.prepare(place / "valkey", is_lasting=False)
    return _started(supervisor, servers)


def _started(supervisor: Supervisor, servers: dict[str, Server]) -> dict[str, str]:
    supervisor.start(*(server.part for server in servers.values()))
    return {name: server.url for name, server in servers.items()}
