"""`cloudlicenses run`: a seat for the life of a command. What signals do to it is in `test_sdk_run_signals.py`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudlicenses_client._cli import main
from sdk_contract_mishaps import answers, cuts_the_answer, problem
from sdk_contract_server import API_KEY, CHECKOUT, PRODUCT, RETURN, ContractServer

Run = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="commands as POSIX has them")


@pytest.fixture
def run(
    server: ContractServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command with a seat; answers exit code, output and complaints."""
    monkeypatch.setenv("LICENSE_SERVER_URL", server.url)
    monkeypatch.setenv("LICENSE_API_KEY", API_KEY)
    monkeypatch.setenv("CLOUDLICENSES_CACHE_DIR", str(tmp_path / "cache"))

    def call(*command: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        code = main(["run", "--product", PRODUCT, "--user", "alice", *options, "--", *command])
        out, err = capfd.readouterr()
        assert API_KEY not in out + err
        return code, out, err

    return call


@pytest.mark.parametrize("code", [0, 3, 75])
def test_the_commands_exit_code_is_ours_and_the_seat_goes_back(server: ContractServer, run: Run, code: int) -> None:
    ended, out, err = run("sh", "-c", f"echo $CLOUDLICENSES_LEASE_ID $CLOUDLICENSES_LEASE_TYPE; exit {code}")
    (returned,) = server.asked(RETURN)
    assert (ended, out, err) == (code, f"{returned.body['lease_id']} commit\n", "")
    assert server.leases == {}


@pytest.mark.parametrize("trouble", [cuts_the_answer, answers(problem(503, "busy", headers={"Retry-After": "0"}))])
def test_a_bad_network_takes_one_seat_and_gives_one_back(
    server: ContractServer, run: Run, trouble: Callable[..., None]
) -> None:
    server.mishaps.append(trouble)
    assert run("true")[0] == 0
    assert len(server.asked(CHECKOUT)) == 2
    assert server.leases == {}


def test_without_a_seat_the_command_never_starts(server: ContractServer, run: Run, tmp_path: Path) -> None:
    server.seats = server.commit = 0
    mark = tmp_path / "started"
    code, out, err = run("touch", str(mark))
    assert (code, out) == (75, "")
    assert "no_licenses_available" in err
    assert "--wait" in err
    assert not mark.exists()


def test_without_a_server_the_command_never_starts(server: ContractServer, run: Run, tmp_path: Path) -> None:
    server.is_down = True
    mark = tmp_path / "started"
    code, _, err = run("touch", str(mark))
    assert code == 75
    assert "could not be reached" in err
    assert not mark.exists()


def test_it_can_wait_for_a_seat(server: ContractServer, run: Run) -> None:
    server.mishaps.append(answers(problem(409, "no_licenses_available")))
    code, out, err = run("echo", "worked", options=("--wait", "0.3"))
    assert len(server.asked(CHECKOUT)) == 2
    assert (code, out) == (0, "worked\n")
    assert "Waiting up to" in err


def test_waiting_ends(server: ContractServer, run: Run) -> None:
    server.seats = server.commit = 0
    code, _, err = run("true", options=("--wait", "0.3"))
    assert code == 75
    assert ["Waiting up to 0.3 s" in line for line in err.splitlines()] == [True, False]


def test_waiting_is_of_no_use_when_the_license_is_suspended(server: ContractServer, run: Run) -> None:
    server.mishaps.append(answers(problem(409, "license_suspended")))
    assert run("true", options=("--wait", "60"))[0] == 75


def test_a_refused_key_has_its_own_exit_code(server: ContractServer, run: Run) -> None:
    server.mishaps.append(answers(problem(401, "key_revoked")))
    code, _, err = run("true")
    assert code == 77
    assert "key_revoked" in err


def test_a_command_that_is_not_there_takes_no_seat(server: ContractServer, run: Run) -> None:
    assert run("no-such-command-here")[0] == 127
    assert run()[0] == 2
    assert server.requests == []


def test_a_command_that_cannot_be_run_gives_its_seat_back(server: ContractServer, run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    code, _, err = run(str(broken))
    assert code == 126
    assert "can't be run" in err
    assert server.leases == {}


def test_the_fingerprint_vouches_for_the_command(server: ContractServer, run: Run) -> None:
    for command in (("true",), ("true",), ("ls", "/")):
        run(*command)
    first, second, other = (request.headers["x-app-fingerprint"] for request in server.asked(CHECKOUT))
    assert first == second != other
