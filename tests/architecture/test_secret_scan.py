"""The secret scan of `make lint` finds what was written down, also when it was taken away again, and never prints it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cloudlicenses.kit import tokens
from tests.almost import mistyped

ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "ours": lambda: tokens.mint("clsk", "mercedes").text,
    "pem": lambda: "-----BEGIN " + "EC PRIVATE KEY-----",
    "webhook": lambda: "whsec_" + "A1" * 20,
    "aws": lambda: "AKIA" + "ABCDEFGHIJKLMNOP",
    "github": lambda: "ghp_" + "a1" * 18,
    "master": lambda: "MASTER_KEY=" + "q" * 43 + "=",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.email", "a@example.com")
    git(tmp_path, "config", "user.name", "A")
    commit(tmp_path, "nothing to see")
    return tmp_path


def git(directory: Path, *words: str) -> None:
    subprocess.run(("git", *words), cwd=directory, check=True, capture_output=True)


def commit(directory: Path, text: str) -> None:
    (directory / "notes.txt").write_text(text + "\n", encoding="utf-8")
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "x")


def scanned(directory: Path) -> tuple[int, str]:
    command = (sys.executable, "-m", "scripts.secret_scan")
    path = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=directory, env=os.environ | path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("kind", PLANTED)
def test_what_was_taken_away_again_is_found_in_the_history(repository: Path, kind: str) -> None:
    assert scanned(repository)[0] == 0
    secret = PLANTED[kind]()
    commit(repository, f"key = {secret}")
    commit(repository, "gone")
    code, said = scanned(repository)
    assert code == 1
    assert "notes.txt" in said
    assert secret not in said


def test_what_is_not_committed_yet_is_found(repository: Path) -> None:
    (repository / "new.txt").write_text(PLANTED["ours"](), encoding="utf-8")
    assert scanned(repository)[0] == 1


def test_what_only_looks_like_a_key_of_ours_is_none(repository: Path) -> None:
    commit(repository, mistyped(PLANTED["ours"]()))
    assert scanned(repository)[0] == 0
