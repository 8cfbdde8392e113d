"""The workstation's key on disk: one a server, made once, whoever is at it and whoever was killed at it."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cloudlicenses_client._device import known_key, made_key

HOST = "mercedes.example.com"


def test_threads_that_make_it_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda _: made_key(tmp_path, HOST).key_id, range(64)))
    kept = known_key(tmp_path, HOST)
    assert kept is not None
    assert set(made) == {kept.key_id}
    (file,) = (tmp_path / "devices").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / f".{HOST}.pem.{os.getpid()}").write_text("half a ke")
    assert made_key(tmp_path, HOST).key_id == made_key(tmp_path, HOST).key_id
