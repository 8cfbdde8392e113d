"""The checklist is as the code says, complete, and names nothing that isn't there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.text import slugify

from scripts.security_checklist.rendering import API, ASVS, document
from scripts.security_checklist.rows import Row

EVERY = ASVS + API
# How many requirements each chapter of ASVS 5.0.0 has at levels 1 and 2.
AT_LEVELS_1_AND_2 = dict(zip(range(1, 18), (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7), strict=True))
WEAK = {"md5", "sha1", "new"}
# Standards ask for it where collisions don't matter: HMAC-SHA-1 in TOTP (RFC 6238), names of issuers in OCSP (RFC 5019).
ASKED_FOR_BY_NAME = {"accounts/totp.py", "certificates/status.py"}


def test_the_page_is_what_the_code_says() -> None:
    page = settings.BASE_DIR / "docs" / "security-checklist.md"
    assert page.read_text(encoding="utf-8") == document(), "run: python -m scripts.security_checklist"


def test_every_requirement_is_answered_once() -> None:
    numbers = [row.number for row in ASVS]
    assert len(set(numbers)) == len(numbers)
    counted = {chapter: sum(number.startswith(f"{chapter}.") for number in numbers) for chapter in AT_LEVELS_1_AND_2}
    assert counted == AT_LEVELS_1_AND_2
    assert [row.number for row in API] == [f"API{number}:2023" for number in range(1, 11)]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.number)
def test_each_answer_is_one_of_four_and_leads_somewhere(row: Row) -> None:
    answers = [row.tests, row.written_in, row.not_applicable, row.missing]
    assert sum(map(bool, answers)) == 1
    for test in row.tests:
        path, _, name = test.partition("::")
        found = named_tests(settings.BASE_DIR / path)
        assert name in found or (not name and found), test
    if row.written_in:
        path, _, heading = row.written_in.partition("#")
        assert heading in headings_in(settings.BASE_DIR / "docs" / path), row.written_in


def named_tests(path: Path) -> set[str]:
    """Also of a folder's files."""
    files = path.glob("test_*.py") if path.is_dir() else [path]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def headings_in(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {slugify(line.lstrip("# ")) for line in lines if line.startswith("#")}


def test_no_weak_hash_is_asked_for() -> None:
    """By the code itself, not by what it is called."""
    asked = []
    for path in settings.BASE_DIR.glob("[a-z]*/**/*.py"):
        relative = path.relative_to(settings.BASE_DIR)
        if relative.parts[0] in {"tests", "sdks", "benchmarks", "torture", "scripts", "staticfiles"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "hashlib":
                asked += [str(relative)] if node.attr in WEAK else []
    assert set(asked) <= ASKED_FOR_BY_NAME


def test_passwords_are_kept_by_argon2() -> None:
    """The tests' own quick hasher stands in front of it; the setting itself is read from the file."""
    text = (settings.BASE_DIR / "cloudlicenses" / "settings" / "base.py").read_text(encoding="utf-8")
    first = text.partition("PASSWORD_HASHERS = [")[2].split('"')[1]
    assert first == "django.contrib.auth.hashers.Argon2PasswordHasher"
    hasher = Argon2PasswordHasher()
    assert hasher.memory_cost >= 19 * 1024
    assert hasher.time_cost >= 2
