"""`make run`, the real product in a directory of its own that nobody else may enter, from an empty database to Ctrl-C."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cloudlicenses.local.ports import kept_port
from tests.local.conftest import PROJECT, Programs

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".local", ".env", "__pycache__", ".*_cache", "node_modules")
RUN = (sys.executable, "-m", "cloudlicenses.local.run")


@pytest.fixture
def project(programs: Programs) -> Path:
    """A copy of the project, which keeps what it makes apart from ours."""
    copy = programs.directory / "project"
    shutil.copytree(PROJECT, copy, ignore=NOT_COPIED, symlinks=True)
    return copy


def _run(programs: Programs, project: Path, port: int) -> subprocess.Popen[str]:
    return programs.start(*RUN, PYTHONPATH=str(project), PORT=str(port), DEMO="0", directory=project)


def _lines_until(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines printed up to the one with `text`; ends too when the program does."""
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return lines


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": f"localhost:{port}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_everything_starts_once_serves_and_stops(programs: Programs, project: Path) -> None:
    port = kept_port(programs.directory / "port")
    running = _run(programs, project, port)
    lines = _lines_until(running, "Ctrl-C stops everything")
    assert "Ctrl-C stops everything" in lines[-1], "".join(lines)
    assert _status(port, "/readyz") == 200

    second = _run(programs, project, port)
    assert f"It runs here already (process {running.pid})" in second.communicate(timeout=120)[0]
    assert second.returncode == 1

    (elsewhere := programs.directory / "elsewhere").mkdir()
    shutil.copytree(project, elsewhere, ignore=shutil.ignore_patterns(".local"), dirs_exist_ok=True)
    third = _run(programs, elsewhere, port)
    assert f"Port {port} is in use" in third.communicate(timeout=120)[0]
    assert third.returncode == 1

    os.killpg(running.pid, signal.SIGINT)
    rest = running.communicate(timeout=120)[0]
    assert running.returncode == 0, rest
    assert "everything has stopped" in rest
    assert programs.left() == []


@pytest.mark.parametrize("port", ["eight", "0", "65536"])
def test_a_port_that_is_none_is_named(programs: Programs, project: Path, port: str) -> None:
    process = programs.start(*RUN, PYTHONPATH=str(project), PORT=port, directory=project)
    assert f"PORT must be a number from 1 to 65535, not '{port}'." in process.communicate(timeout=120)[0]
    assert process.returncode == 1


def test_a_full_disk_is_told_in_one_line_and_spoils_nothing(programs: Programs, project: Path) -> None:
    """Not a byte can be written, as the kernel tells it to a process that is held to files of no length."""
    command = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *RUN)
    process = programs.start(*command, PYTHONPATH=str(project), PYTHONDONTWRITEBYTECODE="1", directory=project)
    said = process.communicate(timeout=120)[0]
    assert "there has to be room in" in said
    assert "Traceback" not in said
    assert process.returncode == 1
    assert not (project / ".local" / "env").exists(), "half of the secrets would be kept for ever"
