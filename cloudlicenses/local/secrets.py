"""Secrets made on this machine, for this machine: each in a file that only its owner reads, made once and whole."""

import base64
import os
import secrets
from pathlib import Path


def kept_password(path: Path) -> str:
    """The password in `path`; a new one is written there the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def new_secret_key() -> str:
    """A value for SECRET_KEY."""
    return secrets.token_urlsafe(48)


def new_master_key() -> str:
    """A value for MASTER_KEY: 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, readable by its owner alone from the first byte."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
