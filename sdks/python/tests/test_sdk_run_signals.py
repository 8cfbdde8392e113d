"""`cloudlicenses run` as a process: signals, crashes, heartbeats."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdk_contract_mishaps import hangs
from sdk_contract_server import API_KEY, CHECKOUT, HEARTBEAT, PRODUCT, RETURN, ContractServer
from sdk_stage import SOURCE, eventually

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def start(server: ContractServer, tmp_path: Path) -> Iterator[Start]:
    """Starts `run` with a Python program as its command, in a session of its own."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "LICENSE_SERVER_URL": server.url,
        "LICENSE_API_KEY": API_KEY,
        "CLOUDLICENSES_CACHE_DIR": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }

    def begin(program: str, *options: str) -> subprocess.Popen[str]:
        held = [sys.executable, "-u", "-c", textwrap.dedent(program)]
        tool = [
            sys.executable,
            "-m",
            "cloudlicenses_client",
            "run",
            "--product",
            PRODUCT,
            "--user",
            "alice",
            *options,
            "--",
            *held,
        ]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            tool, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert API_KEY not in out + err
    return process.returncode, out, err


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_seat_is_kept_alive_while_the_command_runs(server: ContractServer, start: Start) -> None:
    server.heartbeat_seconds = 0.1
    process = start("print('up'); input()")
    assert first_line(process) == "up"
    eventually(lambda: len(server.asked(HEARTBEAT)) >= 3)
    process.communicate("\n")
    assert server.leases == {}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_signals_are_passed_on_and_the_command_decides(server: ContractServer, start: Start, name: str) -> None:
    process = start(f"""
        import signal, sys, time
        signal.signal(signal.{name}, lambda *_: sys.exit(42))
        print("up")
        time.sleep(120)
    """)
    assert first_line(process) == "up"
    assert len(server.leases) == 1
    process.send_signal(getattr(signal, name))
    assert ended(process)[0] == 42
    assert server.leases == {}


def test_a_command_ended_by_a_signal_is_told_as_a_shell_does(server: ContractServer, start: Start) -> None:
    process = start("import time; print('up'); time.sleep(120)")
    assert first_line(process) == "up"
    process.terminate()
    assert ended(process)[0] == 128 + signal.SIGTERM
    assert server.leases == {}


def test_a_signal_cannot_cut_the_return_short(server: ContractServer, start: Start) -> None:
    server.mishaps.append(lambda handler, carry_out: handler.reply(carry_out()))
    server.mishaps.append(lambda handler, carry_out: handler.reply(carry_out()))
    server.mishaps.append(hangs(0.5))  # the first try to return
    process = start("pass")
    eventually(lambda: server.asked(RETURN))
    process.terminate()
    assert ended(process)[0] == 0
    assert server.leases == {}


def test_after_a_crash_and_without_a_server_the_command_runs_on_the_kept_lease(
    server: ContractServer, start: Start
) -> None:
    process = start("print('up'); input()")
    assert first_line(process) == "up"
    process.kill()  # the seat stays taken, the lease stays kept
    server.is_down = True
    code, out, err = ended(start("print('worked')"))
    assert (code, out) == (0, "worked\n")
    assert "Going on offline" in err


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_ends_the_waiting(server: ContractServer, start: Start, name: str, code: int) -> None:
    server.seats = server.commit = 0
    process = start("pass", "--wait", "60")
    eventually(lambda: server.asked(CHECKOUT))
    process.send_signal(getattr(signal, name))
    assert ended(process)[0] == code


def test_a_signal_while_the_seat_is_being_taken_gives_it_back_unused(
    server: ContractServer, start: Start, tmp_path: Path
) -> None:
    asked, told = threading.Event(), threading.Event()

    def grants_late(handler: object, carry_out: Callable[[], object]) -> None:
        reply = carry_out()
        asked.set()
        told.wait(60)
        handler.reply(reply)  # type: ignore[attr-defined]  # the server's handler

    server.mishaps.append(grants_late)
    mark = tmp_path / "started"
    process = start(f"open({str(mark)!r}, 'w')")
    assert asked.wait(60)
    process.terminate()
    threading.Timer(0.2, told.set).start()
    assert ended(process)[0] == 143
    assert server.leases == {}
    assert not mark.exists()
