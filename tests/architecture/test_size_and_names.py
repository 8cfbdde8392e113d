"""Files and functions stay small enough to be read at once, and no file is an attic."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "cloudlicenses",
    "insight",
    "billing",
    "vendors",
    "alerts",
    "licensing",
    "applications",
    "keys",
    "certificates",
    "accounts",
    "tenants",
    "audit",
)
LONGEST_FILE, LONGEST_LIST, LONGEST_FUNCTION = 300, 400, 50
ATTICS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "service",
    "services",
    "handler",
    "handlers",
}
# Not what its name says elsewhere: the servers that the product stands on.
SERVERS = "cloudlicenses/local/services.py"


def files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, check=True, capture_output=True, text=True)
    ours = [
        path
        for path in listed.stdout.splitlines()
        if path.split("/")[0] in {*APPS, "tests", "benchmarks", "torture", "scripts"}
    ]
    return [path for path in ours if "/migrations/" not in path and (ROOT / path).is_file()]


def is_a_list(path: str) -> bool:
    """Models, settings and tests are read from one entry to the next, not as a whole."""
    return path.startswith(("tests/", "cloudlicenses/settings/")) or path.endswith("/models.py")


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_small() -> None:
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {path: n for path, n in lines.items() if n > (LONGEST_LIST if is_a_list(path) else LONGEST_FILE)} == {}


def test_functions_are_small() -> None:
    sizes = {
        f"{path}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in files()
        for node in functions(path)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_no_file_is_an_attic() -> None:
    assert [path for path in files() if Path(path).stem in ATTICS and path != SERVERS] == []


def test_every_module_that_does_something_says_what() -> None:
    """Story files carry their promise at the top; generated and empty ones, and Django's own conventions, need none."""
    silent = [
        path
        for path in files()
        if not path.startswith("tests/")
        and Path(path).name not in {"__init__.py", "apps.py", "admin.py", "urls.py"}
        and "/management/" not in path
        and ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) is None
    ]
    assert silent == []
