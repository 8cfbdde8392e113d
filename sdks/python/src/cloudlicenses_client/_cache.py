"""Small JSON documents on disk, so that the next start works without network.

Each is replaced whole and atomically, readable by its owner only. The cache is a convenience: when the disk is full or
read-only the library goes on without it and says so in the log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_log = logging.getLogger("cloudlicenses_client")


def platform_cache_dir() -> Path:
    """Where this system keeps a user's caches; `CLOUDLICENSES_CACHE_DIR` overrides."""
    override = os.environ.get("CLOUDLICENSES_CACHE_DIR")
    if override:
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "cloudlicenses" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cloudlicenses"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cloudlicenses"


class Cache:
    """Documents by name in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, name: str) -> dict[str, Any] | None:
        """The document, or None when there is none that can be read."""
        return _read(self._directory / name)

    def load_all(self, suffix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every readable document whose name ends so, with its name."""
        for path in sorted(self._directory.glob(f"*{suffix}")):
            document = _read(path)
            if document is not None:
                yield path.name, document

    def store(self, name: str, document: dict[str, Any]) -> None:
        """Replace the document in one step: a reader sees the old one or the new one, a crash leaves the old one."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self._directory / name, json.dumps(document).encode())
        except OSError as reason:
            _log.warning("The lease cache can't be written (%s); this application can't start offline.", reason)

    def discard(self, name: str) -> None:
        """Remove the document if it is there."""
        with contextlib.suppress(OSError):
            (self._directory / name).unlink()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _replace(path: Path, content: bytes) -> None:
    # mkstemp makes the file with mode 0600 from its first moment.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
