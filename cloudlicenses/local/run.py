"""`make run`: the whole product on one machine, under one supervisor, until Ctrl-C.

    environment → one at a time, port free → PostgreSQL, Valkey, mail sink → database prepared, demo data once
                → web, worker, beat → banner → watch → everything stopped, data kept

What DATABASE_URL, REDIS_URL or EMAIL_URL name is used instead of a server of our own. Everything kept is in .local/.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cloudlicenses.settings import env

from . import environment, product, services
from .locks import Lock, take_lock
from .part import launched
from .ports import is_free
from .refusals import CannotRun
from .supervisor import Stopped, Supervisor

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"


def main() -> int:
    """Run until somebody asks to stop; one clear line and exit code 1 when something can't be."""
    os.chdir(PROJECT)
    try:
        environment.complete(LOCAL)
        lock = _alone()
        _refuse_a_taken_port()
    except (CannotRun, OSError) as problem:
        print(_told(problem), file=sys.stderr)
        return 1
    code = _supervise()
    lock.release()
    return code


def _told(problem: CannotRun | OSError) -> str:
    """A full disk, or a directory that is somebody else's, is no defect: it is told as what it is."""
    if isinstance(problem, CannotRun):
        return str(problem)
    what = " ".join(filter(None, (problem.strerror, problem.filename)))
    return f"{what}: there has to be room in {LOCAL}, and the right to write there. Nothing is lost; start again then."


def _alone() -> Lock:
    lock = take_lock(LOCAL / "run.lock")
    if lock is None:
        holder = (LOCAL / "run.lock").read_text() or "unknown"
        raise CannotRun(f"It runs here already (process {holder}). Stop that with Ctrl-C, or with: kill {holder}")
    return lock


def _refuse_a_taken_port() -> None:
    port = int(os.environ["PORT"])
    if not is_free(port):
        raise CannotRun(f"Port {port} is in use. Stop what listens there, or choose another: make run PORT={port + 1}")


def _supervise() -> int:
    supervisor = Supervisor()
    supervisor.listen()
    try:
        urls = services.start_lasting(supervisor, LOCAL)
        os.environ.update(urls)
        with environment.told_to_others(LOCAL):
            _prepare(supervisor, _mark_of_demo(urls))
            banner = _banner()
            supervisor.start(*product.processes(LOCAL))
            print(f"\n{banner.communicate()[0]}\nCtrl-C stops everything.\n", flush=True)
            supervisor.watch()
    except Stopped:
        return 0
    except (CannotRun, OSError) as problem:
        supervisor.say(_told(problem))
        return 1
    finally:
        supervisor.say("stopping ...")
        supervisor.stop()
        supervisor.say("everything has stopped; the data is kept in .local/")


def _prepare(supervisor: Supervisor, mark: Path) -> None:
    """Migrate, and load the demo data into a database that hasn't had it from here yet."""
    supervisor.complete(product.command("prepare", "prepare_database"))
    if os.environ.get("DEMO", "1") != "0" and not mark.exists():
        supervisor.complete(product.command("demo", "load_demo"))
        mark.touch()


def _mark_of_demo(urls: Mapping[str, str]) -> Path:
    """A file that says "loaded": beside the data, so that it goes with them, or named after a database elsewhere."""
    if "DATABASE_URL" in urls:
        return LOCAL / "postgres" / "demo-loaded"
    elsewhere = env.text("DATABASE_URL").encode()
    return LOCAL / f"demo-loaded-{hashlib.sha256(elsewhere).hexdigest()[:12]}"


def _banner() -> subprocess.Popen[str]:
    """The product's own words on where to go and how to sign in, being put together while the servers start."""
    command = launched((sys.executable, "manage.py", "demo_banner"))
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


if __name__ == "__main__":
    sys.exit(main())
