"""A worker that dies by SIGKILL at a line of the test's choice: a real process, forked from this one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import NoReturn

from django.db import connection


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a dead process goes on")


def worker_that_is_killed(work: Callable[[], object]) -> None:
    """`work` in a process of its own, which must end by SIGKILL."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
