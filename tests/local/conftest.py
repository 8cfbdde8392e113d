"""Started programs for these tests, found by a mark in their environment, and ended whatever the test did."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# Without these programs there is nothing to ask; .ci/run installs them, and says so where it can't.
PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/usr/local/bin"
collect_ignore = [
    *([] if shutil.which("nginx", path=PROGRAMS) else ["test_proxy.py"]),
    *([] if list(Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so")) else ["test_log_shipping.py"]),
    *([] if shutil.which("nft", path=PROGRAMS) else ["test_egress.py"]),
]

PROJECT = Path(__file__).resolve().parents[2]
SERVE = Path(__file__).with_name("serve.py")
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MAIL_SINK_DIR", "PORT", "BASE_DOMAIN", "SECRET_KEY", "MASTER_KEY")


@dataclass
class Started:
    """A program that was started, and the services it told of."""

    process: subprocess.Popen[str]
    urls: dict[str, str]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=120)


@dataclass
class Programs:
    """Starts programs that carry a mark, and finds every process that inherited it."""

    directory: Path
    mark: str
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def serve(self, *arguments: str, through: tuple[str, ...] = ()) -> Started:
        """The services of `make run`, ready."""
        program = (sys.executable, str(SERVE), str(self.directory), *arguments)
        process = self.start(*through, *program)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the services did not start"
        return Started(process, json.loads(line))

    def start(self, *command: str, directory: Path = PROJECT, **environment: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={**inherited, "PYTHONPATH": str(PROJECT), "LOCAL_TEST_MARK": self.mark, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if directory != PROJECT else None,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def left(self) -> list[int]:
        """The processes that are there and belong to this test: marked, or on its directory."""
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._owns(entry)]

    def wait_until_nothing_is_left(self, seconds: float = 60.0) -> None:
        give_up_at = time.monotonic() + seconds
        while left := self.left():
            assert time.monotonic() < give_up_at, f"still there: {left}"
            time.sleep(0.05)

    def end_all(self) -> None:
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.communicate()

    def _owns(self, entry: Path) -> bool:
        try:
            # PostgreSQL's backends write their titles over the environment they inherited.
            marked = self.mark.encode() in (entry / "environ").read_bytes()
            return marked or str(self.directory).encode() in (entry / "cmdline").read_bytes()
        except OSError:
            return False


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Programs with a directory that only its owner may enter."""
    directory = tmp_path / "local"
    directory.mkdir(mode=0o700)
    started = Programs(directory, uuid.uuid4().hex)
    yield started
    started.end_all()
