"""Services for tests: `python -m cloudlicenses.local.testing -- command...` runs the command with its own servers.

Each invocation takes the first free place under .local/test/, and with it a PostgreSQL and a Valkey that nobody else
uses: roles belong to a whole server, so several runs at once would meet each other on a shared one. The servers are
new each time, start in about a second, and end with the command, however it ends. `DATABASE_URL` and `REDIS_URL`, when
set, are used instead. Without a command, the servers run until Ctrl-C and the exports for a shell are printed.
With --durable before the `--`, commits wait for the disk as they do in production; otherwise they don't.
"""

import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from . import services
from .locks import Lock, take_lock
from .part import launched
from .refusals import CannotRun
from .secrets import new_master_key, new_secret_key
from .supervisor import Stopped, Supervisor

PLACES = Path(__file__).resolve().parents[2] / ".local" / "test"


def main(arguments: list[str]) -> int:
    """Run the command given after `--` with services of its own; the exit code is the command's."""
    options, command = _split(arguments)
    if unknown := set(options) - {"--durable"}:
        print(f"Unknown: {' '.join(unknown)}. Usage: testing [--durable] [-- command...]", file=sys.stderr)
        return 2
    place, lock = _take_place()
    try:
        return _run(place, command, is_durable="--durable" in options)
    except CannotRun as refusal:
        print(f"Cannot start the services for tests: {refusal}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
        lock.release()


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, before the first `--`, and the command after it, whose own `--` are its own."""
    if "--" not in arguments:
        return arguments, []
    here = arguments.index("--")
    return arguments[:here], arguments[here + 1 :]


def _take_place() -> tuple[Path, Lock]:
    places = ((PLACES / str(number), take_lock(PLACES / f"{number}.lock")) for number in itertools.count())
    return next((place, lock) for place, lock in places if lock is not None)


def _run(place: Path, command: list[str], *, is_durable: bool) -> int:
    with place.with_suffix(".log").open("w") as log:
        supervisor = Supervisor(log)
        supervisor.listen()
        try:
            environment = _start(supervisor, place, is_durable=is_durable)
            return _follow(command, environment) if command else _hold(supervisor, environment)
        except Stopped:
            return 128 + signal.SIGINT
        finally:
            supervisor.stop()


def _start(supervisor: Supervisor, place: Path, *, is_durable: bool) -> dict[str, str]:
    """Start what isn't set from outside, and answer with the variables that tell where everything is."""
    secrets = {"SECRET_KEY": new_secret_key(), "MASTER_KEY": new_master_key()}
    return {**secrets, **os.environ, **services.start_passing(supervisor, place, is_durable=is_durable)}


def _follow(command: list[str], environment: Mapping[str, str]) -> int:
    """Run the command in the foreground: the terminal's Ctrl-C is its own to answer, other signals are passed on."""
    process = subprocess.Popen(launched(tuple(command)), env=environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: process.terminate())
    code = process.wait()
    return code if code >= 0 else 128 - code


def _hold(supervisor: Supervisor, environment: Mapping[str, str]) -> NoReturn:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MASTER_KEY"):
        print(f"export {name}={shlex.quote(environment[name])}")
    print(
        "# The services run until Ctrl-C; paste the lines above into another shell.",
        flush=True,
    )
    supervisor.watch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
