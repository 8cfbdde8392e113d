"""The examples in README.md and docs/sdk-python.md run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cloudlicenses_client import ClientOptions
from cloudlicenses_client._cli.parser import parse
from cloudlicenses_client._problems import _BY_CODE
from sdk_contract_server import API_KEY, ContractServer

SDK = Path(__file__).resolve().parent.parent
GUIDE = SDK.parent.parent / "docs" / "sdk-python.md"
PAGES = [SDK / "README.md", GUIDE]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_examples_run_and_leave_no_seat(
    server: ContractServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Path
) -> None:
    monkeypatch.setenv("LICENSE_SERVER_URL", server.url)
    monkeypatch.setenv("LICENSE_API_KEY", API_KEY)
    monkeypatch.setenv("CLOUDLICENSES_CACHE_DIR", str(tmp_path))
    names: dict[str, object] = {}
    for example in blocks(page, "python"):
        exec(compile(example, str(page), "exec"), names)  # noqa: S102 - our own pages
    assert len(server.requests) >= 4
    assert server.leases == {}
    names["client"].close()  # type: ignore[attr-defined]  # each page makes one


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_shell_examples_are_understood(page: Path) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("cloudlicenses ")]
    assert lines
    for line in lines:
        assert parse(shlex.split(line, comments=True)[1:]).act


def test_the_guide_names_every_code_and_every_option() -> None:
    text = GUIDE.read_text()
    spoken_of_elsewhere = {"invalid_input", "idempotency_conflict"}
    for code in set(_BY_CODE) - spoken_of_elsewhere:
        assert f"`{code}`" in text
    for option in set(ClientOptions.__annotations__) - {"clock"}:
        assert f"| `{option}` |" in text
