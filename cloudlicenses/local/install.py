"""Makes `.venv` hold exactly what a lock file lists: `python3 cloudlicenses/local/install.py run|dev`.

Needs nothing but Python: it runs before anything is installed. Every file is checked against the lock's hashes. Done
already, it answers in milliseconds; interrupted, it starts over. uv installs, in seconds; where uv can't, pip does.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed"  # "dev 3f2a…": which lock is in there, whole
INSTALLING = PROJECT / ".local" / "installing"  # there while what .venv holds is not to be trusted
OLDEST = (3, 11)


def main(extra: str) -> int:
    """Install requirements/`extra`.lock, unless it is there; prints what is missing when it can't."""
    problem = _problem()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    with _alone():
        lock = PROJECT / "requirements" / f"{_wider(extra)}.lock"
        try:
            if not _is_installed(lock):
                _install(lock)
        except subprocess.CalledProcessError as error:
            print(f"Installing failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
            return 1
        except OSError as error:  # a full disk, or a directory that is somebody else's
            print(f"Installing failed: {error}", file=sys.stderr)
            return 1
        _put_on_the_path(PROJECT / "sdks" / "python" / "src")
    return 0


def _problem() -> str | None:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        return (
            f"Python 3.11 or newer is needed; {sys.executable} is {found}. Choose another: make run PYTHON=python3.11"
        )
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        return f"This Python can't make virtual environments. On Debian or Ubuntu: sudo apt-get install {package}"
    library, version = platform.libc_ver()
    if sys.platform == "linux" and (library != "glibc" or tuple(map(int, version.split(".")[:2])) < (2, 28)):
        return _old_system(f"{library or 'another C library'} {version}".strip())
    return None


def _old_system(found: str) -> str | None:
    if os.environ.get("PG_BIN") or os.environ.get("DATABASE_URL"):
        return None
    return f"The embedded PostgreSQL needs glibc 2.28 or newer; this is {found}. Set DATABASE_URL and REDIS_URL."


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time: a second `make` waits for the first."""
    (PROJECT / ".local").mkdir(mode=0o700, exist_ok=True)
    with (PROJECT / ".local" / "install.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _wider(extra: str) -> str:
    """`dev` holds everything of `run`: once it is there, `make run` keeps it rather than taking tools away."""
    return "dev" if _installed().startswith("dev ") else extra


def _is_installed(lock: Path) -> bool:
    return PYTHON.exists() and not INSTALLING.exists() and _installed() == _fingerprint(lock)


def _installed() -> str:
    return INSTALLED.read_text() if INSTALLED.exists() else ""


def _fingerprint(lock: Path) -> str:
    contents = lock.read_bytes() + sys.version.encode()
    return f"{lock.stem} {hashlib.sha256(contents).hexdigest()}"


def _install(lock: Path) -> None:
    print(f"Installing {lock.relative_to(PROJECT)} into .venv ...", flush=True)
    if INSTALLING.exists() or not _works():
        INSTALLING.touch()
        shutil.rmtree(VENV, ignore_errors=True)
        _call(sys.executable, "-m", "venv", VENV)
    INSTALLING.touch()
    INSTALLED.unlink(missing_ok=True)
    if not _installed_by_uv(lock):
        _call(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", lock)
    INSTALLED.write_text(_fingerprint(lock))
    INSTALLING.unlink()


def _put_on_the_path(sources: Path) -> None:
    """Our own SDK, which the demo's workstations and the story use, straight from where it is written."""
    for packages in VENV.glob("lib/python3*/site-packages"):
        link = packages / "cloudlicenses-client.pth"
        if not link.exists() or link.read_text() != str(sources):
            link.write_text(str(sources))


def _works() -> bool:
    try:
        probe = subprocess.run((PYTHON, "-c", "import pip"), capture_output=True, check=False)
    except OSError:
        return False
    return probe.returncode == 0


def _installed_by_uv(lock: Path) -> bool:
    tools = PROJECT / "requirements" / "installer.lock"
    options = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement")
    try:
        _call(PYTHON, "-m", "pip", "install", *options, tools)
        _call(
            PYTHON, "-m", "uv", "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, lock, **_uv_settings()
        )
    except subprocess.CalledProcessError:
        print("uv can't install here; going on with pip.", flush=True)
        return False
    return True


def _uv_settings() -> dict[str, str]:
    """What uv has to be told: no Python of its own, and the package index that pip was configured with."""
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
    listed = subprocess.run((PYTHON, "-m", "pip", "config", "list"), capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".index-url") and "UV_DEFAULT_INDEX" not in os.environ:
            settings["UV_DEFAULT_INDEX"] = value.strip("'")
        if name.endswith(".cert") and "SSL_CERT_FILE" not in os.environ:
            settings["SSL_CERT_FILE"] = value.strip("'")
    return settings


def _call(*command: str | Path, **environment: str) -> None:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, check=True, env={**quiet, **os.environ, **environment})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
