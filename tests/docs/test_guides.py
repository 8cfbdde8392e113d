"""The guides are true: every command in them is run, in order, in one shell, against the real server and a real worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.docs.reading import Command, answer, commands
from tests.servers import Server

GUIDES = ("quick-start", "vendors", "customers", "api")
END = "--- the command has ended:"
WORKER = ("-m", "celery", "--quiet", "-A", "cloudlicenses", "worker", "--beat", "--pool", "solo", "--loglevel", "ERROR")


class Shell:
    """A bash that remembers variables and functions, in an empty directory that looks like the project's."""

    def __init__(self, directory: Path, port: int) -> None:
        self.port = port
        for name in ("docs", "manage.py"):
            (directory / name).symlink_to(settings.BASE_DIR / name)
        (directory / ".venv" / "bin").mkdir(parents=True)
        (directory / ".venv" / "bin" / "python").symlink_to(sys.executable)
        self.process = subprocess.Popen(
            ["bash"], cwd=directory, env=os.environ | {"VIRTUAL_ENV": sys.prefix, "PYTHONPATH": site_packages()},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, text: str) -> tuple[str, int]:
        """What it printed, and its exit code."""
        assert self.process.stdin
        assert self.process.stdout
        here = text.replace("localhost:8000", f"localhost:{self.port}")
        self.process.stdin.write(f"{{ {here}\n}} < /dev/null; printf '\\n{END} %s\\n' $?\n")
        self.process.stdin.flush()
        printed: list[str] = []
        for line in self.process.stdout:
            if line.startswith(END):
                return "".join(printed).rstrip("\n"), int(line.removeprefix(END))
            printed.append(line)
        raise AssertionError("The shell has ended: " + "".join(printed))


@pytest.fixture
def worker(server: Server, tmp_path: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *WORKER, "--schedule", str(tmp_path / "beat")])
    yield
    process.terminate()
    process.wait(60)


@pytest.fixture
def shell(server: Server, worker: None, tmp_path: Path) -> Iterator[Shell]:
    directory = tmp_path / "project"
    directory.mkdir()
    shell = Shell(directory, server.port)
    yield shell
    shell.process.kill()
    shell.process.communicate()


def test_every_command_does_what_its_guide_says(shell: Shell) -> None:
    for guide in GUIDES:
        for command in commands(settings.BASE_DIR / "docs" / f"{guide}.md"):
            check(command, *shell.run(command.text))


def test_every_guide_is_read() -> None:
    told = [command for guide in GUIDES for command in commands(settings.BASE_DIR / "docs" / f"{guide}.md")]

    assert len(told) > 30
    assert sum(command.shown is not None for command in told) > 25


def check(command: Command, printed: str, code: int) -> None:
    where = f"{command.guide}:{command.line}\n{command.text}\n{printed[:3000]}"
    assert code == 0, where
    if command.shown is None:
        return
    got = answer(printed)
    assert got.status == command.shown.status, where
    for name, value in command.shown.headers.items():
        assert got.headers.get(name) == value, f"{where}\nheader {name}"
    assert command.shown.body.keys() <= got.body.keys(), where
    for name, value in command.shown.body.items():
        if isinstance(value, bool | int) or (isinstance(value, str) and "…" not in value and "localhost" not in value):
            assert got.body[name] == value, f"{where}\n{name}"


def site_packages() -> str:
    """The linked interpreter must find what this one has."""
    return os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
