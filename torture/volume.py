"""The volume that PostgreSQL's data is on, and how it is filled to the last byte.

As root on Linux it is a file system of its own in a file, mounted. Where nothing may be mounted, PostgreSQL's processes are held to
files of one page instead (RLIMIT_FSIZE): then it can neither extend a table nor write on in its log, which is what it meets on a
full disk, but a process started meanwhile by hand would find room. The report says which of both it was.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

SIZE = 3 * 1024**3  # sparse: only what is written takes room
PAGE = 8192
CLONE_NEWNS = 0x00020000
MOUNT_TOOLS = ("mkfs.ext4", "mount", "umount")


class Volume(Protocol):
    """Where data can be kept until `fill`, and again after `empty`."""

    directory: Path
    description: str

    def fill(self, processes: Iterable[int]) -> None:
        """`processes`: of whoever is to find no room."""

    def empty(self, processes: Iterable[int]) -> None: ...


@contextmanager
def volume(place: Path) -> Iterator[Volume]:
    """A volume below `place`: a file system of its own where that may be."""
    directory = place / "volume"
    directory.mkdir(mode=0o700)
    yield MountedVolume(directory) if _mount(place / "volume.img", directory) else LimitedVolume(directory)
    subprocess.run(("umount", directory), capture_output=True, check=False)


class MountedVolume:
    """A file system of its own; a file takes all the room there is."""

    description = f"on a mounted file system of {SIZE // 1024**3} GiB"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._filler = directory / "filler"

    def fill(self, processes: Iterable[int]) -> None:
        end, step = 0, os.statvfs(self.directory).f_bavail * os.statvfs(self.directory).f_frsize
        with self._filler.open("wb") as file:
            while step >= PAGE:
                try:
                    os.posix_fallocate(file.fileno(), end, step)
                    end += step
                except OSError:
                    step //= 2

    def empty(self, processes: Iterable[int]) -> None:
        self._filler.unlink(missing_ok=True)


class LimitedVolume:
    """A directory like any other; the processes on it may not write beyond the first page of a file."""

    description = "on an ordinary directory (nothing may be mounted here: its processes' files are limited instead)"

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def fill(self, processes: Iterable[int]) -> None:
        _limit(processes, PAGE)

    def empty(self, processes: Iterable[int]) -> None:
        _limit(processes, resource.RLIM_INFINITY)


def _limit(processes: Iterable[int], size: int) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):  # it has ended meanwhile
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if most == resource.RLIM_INFINITY else most, most))


def _mount(image: Path, directory: Path) -> bool:
    """In a mount namespace of our own, so that the mount goes with the last of our processes, however we end."""
    if os.geteuid() != 0 or not all(shutil.which(tool, path=_with_system_programs()) for tool in MOUNT_TOOLS):
        return False
    if ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        return False
    with image.open("wb") as file:
        file.truncate(SIZE)
    commands = (
        ("mkfs.ext4", "-q", "-F", "-m", "0", str(image)),
        ("mount", "--make-rprivate", "/"),
        ("mount", "-o", "loop", str(image), str(directory)),
    )
    environment = {**os.environ, "PATH": _with_system_programs()}
    done = (subprocess.run(command, env=environment, capture_output=True, check=False) for command in commands)
    return all(one.returncode == 0 for one in done)


def _with_system_programs() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
