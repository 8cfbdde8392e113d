"""The lease on disk: for its owner only, believed when whole and signed, cleared away in time, and in nobody's way."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudlicenses_client import (
    LicenseClient,
    ServerUnreachableError,
)
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, PRODUCT, ContractServer
from sdk_stage import MovableClock

NewClient = Callable[..., LicenseClient]


def test_an_edited_lease_file_is_not_believed_and_removed(
    crashed: str, restarted: LicenseClient, tmp_path: Path
) -> None:
    (file,) = (tmp_path / "cache").glob("*.lease.json")
    kept = json.loads(file.read_text())
    header, payload, signature = kept["lease_token"].split(".")
    kept["lease_token"] = f"{header}.{payload[:-4]}AAAA.{signature}"
    file.write_text(json.dumps(kept))
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"lease_id": 1}', b"\xff", b"[" * 30_000])
def test_a_broken_lease_file_is_as_none(crashed: str, restarted: LicenseClient, tmp_path: Path, content: bytes) -> None:
    (file,) = (tmp_path / "cache").glob("*.lease.json")
    file.write_bytes(content)
    with pytest.raises(ServerUnreachableError):
        restarted.checkout(user=ALICE)


def test_without_the_kept_keys_nothing_is_believed(crashed: str, new_client: NewClient, tmp_path: Path) -> None:
    (file,) = (tmp_path / "cache").glob("*.jwks.json")
    file.unlink()
    with pytest.raises(ServerUnreachableError):
        new_client(max_retries=0).checkout(user=ALICE)


def test_what_is_kept_is_for_its_owner_only_and_whole(crashed: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    files = sorted(path.name.partition(".")[2] for path in cache.iterdir())
    assert files == ["jwks.json", "lease.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in cache.iterdir()} == {0o600}
    assert all(API_KEY.encode() not in path.read_bytes() for path in cache.iterdir())


def test_what_crashed_programs_left_is_cleared_away_in_time(
    server: ContractServer, crashed: str, restarted: LicenseClient, movable: MovableClock, tmp_path: Path
) -> None:
    server.is_down = False
    movable.advance(61 * 24 * 3600)
    restarted.return_license(restarted.checkout(user="bob@mercedes.com").id)
    assert list((tmp_path / "cache").glob("*.lease.json")) == []


def test_a_cache_that_cannot_be_written_stops_nobody(
    new_client: NewClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    lease = new_client(cache_dir=blocked / "cache").checkout(user=ALICE)
    assert lease.is_valid()
    assert "can't start offline" in caplog.text


def test_the_cache_is_where_the_platform_keeps_caches(
    server: ContractServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CLOUDLICENSES_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    with LicenseClient(server.url, API_KEY, PRODUCT) as client:
        client.checkout(user=ALICE)
    assert len(list((tmp_path / "xdg" / "cloudlicenses").iterdir())) == 2
    assert len(server.asked(CHECKOUT)) == 1
