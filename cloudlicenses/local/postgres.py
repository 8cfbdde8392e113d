"""The embedded PostgreSQL: one directory, one server, one database `cloudlicenses` owned by `cloudlicenses_owner`.

It listens on 127.0.0.1 alone and asks for a password (SCRAM) that is made here. A data directory appears whole or not
at all; what an unclean stop left (a half-made directory, a stale postmaster.pid, a server without its supervisor) is
put right at the next start.
"""

import shutil
import signal
import subprocess
from pathlib import Path

from .binaries import postgres_directory
from .identity import Home, home_of
from .leftovers import end_leftover
from .part import Part, Server, launched
from .ports import kept_port
from .refusals import CannotRun
from .secrets import kept_password

OWNER = "cloudlicenses_owner"
DATABASE = "cloudlicenses"

# A laptop's tests lose nothing that matters when the machine fails in the middle of them.
CARELESS = ("fsync=off", "full_page_writes=off")
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "max_locks_per_transaction=256",  # one transaction may create or drop a whole tenant schema
    # A thousand tenants' licenses, leases and audit logs are twenty thousand files, most of them of some pages.
    "shared_buffers=1GB",
    "max_files_per_process=20000",
    "max_wal_size=4GB",  # checkpoints come by the clock, not by what checkouts write
    "timezone=UTC",
    "log_timezone=UTC",
)

# Nobody gets in before the password is set: initdb could only take it from a file.
INITDB = (
    "--username", OWNER, "--auth=reject", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
)  # fmt: skip


def prepare(directory: Path, *, is_lasting: bool = True, is_durable: bool = True, root_as: str = "namespace") -> Server:
    """Make the server in `directory` ready to be started. Its data is created the first time, or each time when it
    isn't lasting. One that isn't durable is faster, and may lose everything when the machine fails.

    The caller holds the lock on `directory`, so a server found running there belongs to nobody.
    """
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    password = kept_password(directory / "password")
    home = home_of(postgres_directory(), directory, root_as=root_as)
    end_leftover(home.data / "postmaster.pid", directory=home.data, stop_signal=signal.SIGINT)
    if not is_lasting:
        shutil.rmtree(home.data, ignore_errors=True)
    if not home.data.exists():
        _create(home, password, is_durable=is_durable)
    port = kept_port(directory / "port")
    return Server(
        part=_part(home, port, is_durable=is_durable),
        url=f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}",
    )


def _create(home: Home, password: str, *, is_durable: bool) -> None:
    """initdb, the owner's password and the database beside the final place, moved there when all have worked."""
    draft = home.data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    initdb = str(home.binaries / "initdb"), "--pgdata", str(draft), *INITDB, *(() if is_durable else ("--no-sync",))
    _run(home, initdb)
    single = str(home.binaries / "postgres"), "--single", "-D", str(draft), "postgres"
    _run(home, single, f"ALTER ROLE {OWNER} PASSWORD '{password}';\nCREATE DATABASE {DATABASE} OWNER {OWNER};\n")
    (draft / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    draft.rename(home.data)


def _run(home: Home, command: tuple[str, ...], text: str = "") -> None:
    done = subprocess.run(
        launched(command, identity=home.identity),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise CannotRun(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def _part(home: Home, port: int, *, is_durable: bool) -> Part:
    settings = [*SETTINGS, f"port={port}", *(() if is_durable else CARELESS)]
    options = [word for setting in settings for word in ("-c", setting)]
    return Part(
        name="postgres",
        command=(str(home.binaries / "postgres"), "-D", str(home.data), *options),
        environment={"LC_ALL": "C.UTF-8"},
        identity=home.identity,
        stop_signal=signal.SIGINT,  # "fast shutdown": ends sessions, writes a checkpoint
        patience=30.0,
        keeps_data=True,
        is_ready=lambda: _says_ready(home.data / "postmaster.pid"),
        ready_within=60.0,
    )


def _says_ready(postmaster_pid: Path) -> bool:
    try:
        lines = postmaster_pid.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"
