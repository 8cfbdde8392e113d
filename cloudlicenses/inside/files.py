"""A file that is there whole or not at all, and is readable from its first instant by those who may read it, and nobody else."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, *, mode: int, owner: int | None = None) -> None:
    """Replaces what was there at one stroke. `owner`: the number of the user who reads it."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        if owner is not None and owner != os.geteuid():
            os.fchown(descriptor, owner, -1)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    draft.rename(path)
