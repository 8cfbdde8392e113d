"""The tool `cloudlicenses`: what it prints, what it exits with, and what it says when things go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudlicenses_client._cli import main
from sdk_contract_mishaps import Reply, answers, hangs_up, problem
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, PRODUCT, TOKEN, ContractServer

Tool = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tool(
    server: ContractServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Tool:
    """Runs the tool in a configured environment; answers exit code, output and complaints."""
    monkeypatch.setenv("LICENSE_SERVER_URL", server.url)
    monkeypatch.setenv("LICENSE_API_KEY", API_KEY)
    monkeypatch.setenv("CLOUDLICENSES_TOKEN", TOKEN)
    monkeypatch.setenv("CLOUDLICENSES_CACHE_DIR", str(tmp_path / "cache"))

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as usage:
            code = int(usage.code or 0)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert API_KEY not in printed.out + printed.err
        assert TOKEN not in printed.out + printed.err
        return code, printed.out, printed.err

    return call


def test_checkout_prints_the_lease_and_leaves_it(server: ContractServer, tool: Tool) -> None:
    code, out, err = tool("checkout", "--product", PRODUCT, "--user", ALICE)
    (lease_id,) = server.leases
    assert (code, err) == (0, "")
    assert out.startswith(f"{lease_id}  commit  0.00 EUR  until 20")


def test_checkout_prints_json_for_programs(server: ContractServer, tool: Tool) -> None:
    server.commit = 0
    asked = [
        "--user",
        ALICE,
        "--app-version",
        "8.2.1",
        "--feature",
        "can_editor",
        "--feature",
        "b",
        "--duration",
        "60",
        "--json",
    ]
    code, out, _ = tool("checkout", "--product", PRODUCT, *asked)
    lease = json.loads(out)
    assert code == 0
    assert (lease["lease_type"], lease["cost"], lease["features"]["can_editor"]) == ("overage", 500.0, True)
    body = server.asked(CHECKOUT)[0].body
    assert (body["version"], body["features"], body["duration_seconds"]) == ("8.2.1", ["can_editor", "b"], 60)


def test_return_gives_the_seat_back_twice_the_same(server: ContractServer, tool: Tool) -> None:
    tool("checkout", "--product", PRODUCT)
    (lease_id,) = server.leases
    assert tool("return", lease_id) == (0, "returned  commit  0.00 EUR  12 s\n", "")
    code, out, _ = tool("return", lease_id, "--json")
    assert (code, json.loads(out)["status"]) == (0, "returned")
    assert server.leases == {}


def test_a_checkout_never_pretends_with_a_kept_lease(server: ContractServer, tool: Tool) -> None:
    tool("checkout", "--product", PRODUCT)
    server.is_down = True
    code, out, err = tool("checkout", "--product", PRODUCT)
    assert (code, out) == (75, "")
    assert "could not be reached" in err


def test_status_shows_what_is_in_use_and_available(server: ContractServer, tool: Tool) -> None:
    tool("checkout", "--product", PRODUCT)
    code, out, _ = tool("status")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["LICENSE", "PRODUCT", "IN", "USE", "AVAILABLE", "OVERAGE", "STATUS"],
        ["lic-1", PRODUCT, "1", "19", "0", "active"],
        ["lic-2", "multi-8.2", "8", "12", "-", "active"],
    ]
    assert [row["license_id"] for row in json.loads(tool("status", "--json")[1])] == ["lic-1", "lic-2"]


def test_what_others_typed_cannot_steer_the_terminal(server: ContractServer, tool: Tool) -> None:
    row = {"license_id": "lic-\x1b[2J", "product_id": "ü\u202e"}
    server.mishaps.append(answers(Reply(200, {"data": [row], "next_cursor": None})))
    _, out, _ = tool("status")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_keys_are_generated_listed_and_revoked(server: ContractServer, tool: Tool) -> None:
    assert tool("keys", "list") == (0, "No keys.\n", "")
    asked = [
        "--app-name",
        "Workstation 042",
        "--allow-hostname",
        "dev-ws-042",
        "--allow-ip",
        "10.0.0.0/8",
        "--days",
        "30",
    ]
    code, out, _ = tool("keys", "generate", *asked)
    assert code == 0
    assert out.splitlines()[1:] == [f"LICENSE_SERVER_URL={server.url}", "LICENSE_API_KEY=clsk_mercedes_fresh"]
    request = server.requests[-1]
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.body == {
        "app_name": "Workstation 042",
        "app_type": "desktop",
        "scopes": ["license:checkout", "license:return"],
        "expires_in_days": 30,
        "allowed_hostnames": ["dev-ws-042"],
        "allowed_ip_ranges": ["10.0.0.0/8"],
    }
    assert json.loads(tool("keys", "generate", "--app-name", "CI", "--scope", "license:read", "--json")[1])[
        "scopes"
    ] == ["license:read"]
    assert "Workstation 042" in tool("keys", "list")[1]
    assert len(json.loads(tool("keys", "list", "--json")[1])) == 2
    assert tool("keys", "revoke", "key-1") == (0, "key-1 revoked\n", "")
    assert "2026-11-05T10:00:00Z" in tool("keys", "list")[1]
    assert tool("keys", "revoke", "key-7")[0] == 1


@pytest.mark.parametrize(
    ("refusal", "exit_code", "advice"),
    [
        (problem(409, "no_licenses_available"), 75, "--wait"),
        (problem(409, "customer_cap_reached"), 75, "raise the cap"),
        (problem(404, "product_not_licensed"), 75, "cloudlicenses status"),
        (problem(409, "license_suspended"), 75, "license administrator"),
        (problem(401, "key_expired"), 77, "keys generate"),
        (problem(403, "scope_missing"), 77, "scope"),
        (problem(403, "hostname_not_allowed"), 77, "--hostname"),
        (problem(403, "client_certificate_required"), 77, "--cert"),
        (problem(403, "role_not_allowed"), 77, "whose role may do this"),
        (problem(403, "wrong_tenant"), 77, "LICENSE_SERVER_URL"),
        (problem(422, "invalid_input", errors=[{"field": "user", "message": "Too long."}]), 1, "user: Too long."),
        (problem(422, "invalid_input", errors="?"), 1, "invalid_input"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: ContractServer, tool: Tool, refusal: Reply, exit_code: int, advice: str
) -> None:
    server.mishaps.append(answers(refusal))
    ended, out, err = tool("checkout", "--product", PRODUCT)
    assert (ended, out) == (exit_code, "")
    assert err.startswith(f"cloudlicenses: {refusal.body['detail']} ({refusal.body['code']}, request req-1)")
    assert advice in err


def test_an_unreachable_server_says_what_to_check(server: ContractServer, tool: Tool) -> None:
    server.mishaps.extend([hangs_up] * 4)
    code, _, err = tool("status", "--timeout", "1")
    assert code == 75
    assert "Check LICENSE_SERVER_URL" in err


@pytest.mark.parametrize("name", ["LICENSE_SERVER_URL", "LICENSE_API_KEY"])
def test_a_missing_setting_is_named(tool: Tool, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, " ")
    assert tool("status") == (78, "", f"cloudlicenses: {name} is not set.\n")


def test_keys_need_a_personal_token(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDLICENSES_TOKEN")
    assert tool("keys", "list") == (78, "", "cloudlicenses: CLOUDLICENSES_TOKEN is not set.\n")


def test_the_server_can_be_named_on_the_command_line(
    server: ContractServer, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LICENSE_SERVER_URL")
    assert tool("status", "--server", server.url, "--hostname", "ws-7")[0] == 0
    assert server.requests[-1].headers["x-hostname"] == "ws-7"


@pytest.mark.parametrize("arguments", [[], ["fly"], ["checkout"], ["run"], ["keys"], ["status", "--timeout", "nan"]])
def test_wrong_usage_is_told(tool: Tool, arguments: list[str]) -> None:
    code, _, err = tool(*arguments)
    assert code == 2
    assert "usage: cloudlicenses" in err


@pytest.mark.parametrize("word", [[], ["run"], ["checkout"], ["return"], ["status"], ["keys"], ["keys", "generate"]])
def test_every_word_has_help(tool: Tool, word: list[str]) -> None:
    code, out, _ = tool(*word, "--help")
    assert code == 0
    assert out.startswith("usage: cloudlicenses")


def test_a_bracket_in_an_id_stays_in_its_path(server: ContractServer, tool: Tool) -> None:
    tool("keys", "revoke", "../licenses?x=1")
    assert server.requests[-1].path == "/api/v1/keys/..%2Flicenses%3Fx%3D1"
