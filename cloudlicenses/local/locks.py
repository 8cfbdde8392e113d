"""Who may use a directory of services: a lock of the kernel's, gone with its holder however that one ends."""

import fcntl
import os
from pathlib import Path


class Lock:
    """An exclusive hold on `path`, kept until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one in."""
        os.close(self._descriptor)


def take_lock(path: Path) -> Lock | None:
    """The lock on `path`, or None while somebody else holds it. The holder's process id is written into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return Lock(descriptor)
