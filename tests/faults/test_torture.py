"""`make torture`, briefly: every promise holds while everything is killed, paused, filled up and cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
OF_ITS_OWN = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MASTER_KEY", "BASE_DOMAIN", "LOG_LEVEL", "EMAIL_URL", "PORT"}
BRIEFLY = ("--seconds", "20", "--pause", "0.5", "--clients", "16", "--tenants", "2")


def test_a_brief_torture_finds_nothing() -> None:
    """It takes servers of its own: those of the tests are needed by others."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_ITS_OWN}
    command = (sys.executable, "-m", "torture", *BRIEFLY)
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 violations" in done.stdout
    assert int(done.stdout.partition(" operations answered")[0].rpartition("\n")[2]) > 20  # on however slow a machine
