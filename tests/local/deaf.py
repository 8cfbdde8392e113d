"""A program for these tests: a supervisor with a part that ignores every polite signal.

python tests/local/deaf.py FILE        the part writes its process id into FILE
"""

import os
import signal
import sys
import time
from pathlib import Path

from cloudlicenses.local.part import Part
from cloudlicenses.local.supervisor import Supervisor


def supervise(file: str) -> None:
    supervisor = Supervisor()
    supervisor.start(Part("deaf", (sys.executable, __file__, file, "part")))
    supervisor.watch()


def ignore_everything(file: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    file.with_suffix(".new").write_text(str(os.getpid()))
    file.with_suffix(".new").rename(file)
    time.sleep(60)


if __name__ == "__main__":
    ignore_everything(Path(sys.argv[1])) if "part" in sys.argv else supervise(sys.argv[1])
