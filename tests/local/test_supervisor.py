"""The supervisor's promises about parts of any kind, and the ways in which it refuses."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudlicenses.local import running
from cloudlicenses.local.part import Part
from cloudlicenses.local.refusals import CannotRun
from cloudlicenses.local.supervisor import Stopped, Supervisor
from tests.local.conftest import Programs


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO) -> Iterator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    started = Supervisor(output)
    started.listen()
    yield started
    started.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _python(name: str, code: str, **how: Any) -> Part:
    return Part(name, (sys.executable, "-u", "-c", code), **how)


def test_lines_are_printed_under_the_names_of_their_parts(supervisor: Supervisor, output: io.StringIO) -> None:
    supervisor.complete(_python("first", "print('one'); print('two')"))
    supervisor.complete(_python("second", "import sys; sys.stderr.write('three')"))
    assert output.getvalue() == "   first | one\n   first | two\n  second | three\n"


def test_a_command_that_fails_is_a_refusal_that_names_it(supervisor: Supervisor) -> None:
    with pytest.raises(CannotRun, match="prepare failed with exit code 3"):
        supervisor.complete(_python("prepare", "raise SystemExit(3)"))


def test_a_part_that_dies_before_it_is_ready_is_a_refusal_with_its_last_lines(supervisor: Supervisor) -> None:
    with pytest.raises(CannotRun, match=r"(?s)stopped with exit code 1 while starting.*no such luck"):
        supervisor.start(_python("web", "raise SystemExit('no such luck')", is_ready=lambda: False))


def test_a_part_that_never_becomes_ready_is_a_refusal(supervisor: Supervisor) -> None:
    with pytest.raises(CannotRun, match="web did not become ready"):
        supervisor.start(_python("web", "import time; time.sleep(60)", is_ready=lambda: False, ready_within=0.3))


def test_a_part_that_keeps_dying_stops_everything_with_its_last_lines(
    supervisor: Supervisor, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LONGEST_PAUSE_SECONDS", 0.05)
    supervisor.start(_python("beat", "print('no schedule'); raise SystemExit(2)"))
    with pytest.raises(CannotRun, match=r"(?s)beat keeps dying \(exit code 2\).*no schedule"):
        supervisor.watch()
    assert output.getvalue().count("starting again") == 4


def test_a_wish_to_stop_is_heard_while_something_starts(supervisor: Supervisor) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(Stopped):
        supervisor.start(_python("web", "import time; time.sleep(60)", is_ready=lambda: False))


def test_a_part_that_does_not_listen_is_killed_with_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = (
        "import os, pathlib, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"pathlib.Path({str(tmp_path / 'pids')!r}).write_text(f'{{os.getpid()}} {{child.pid}}'); time.sleep(60)"
    )
    supervisor.start(_python("deaf", deaf, patience=0.3, is_ready=(tmp_path / "pids").exists))
    supervisor.stop()
    for pid in (tmp_path / "pids").read_text().split():
        assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()


def test_a_second_wish_to_stop_does_not_wait_for_the_slow(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    slow = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(60)"
    )
    supervisor.start(_python("slow", slow, patience=120.0, is_ready=deaf.exists))
    began = time.monotonic()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    supervisor.stop()
    assert 0.5 <= time.monotonic() - began < 60


def test_a_killed_supervisor_takes_everything_with_it_even_the_deaf(programs: Programs) -> None:
    """The deaf part ignores the kernel's death signal too: it is the guard that ends it."""
    file = programs.directory / "pid"
    supervisor = programs.start(sys.executable, str(Path(__file__).with_name("deaf.py")), str(file))
    give_up_at = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    supervisor.kill()
    programs.wait_until_nothing_is_left(seconds=60)
