"""This workstation's own key: made when a server first asks for one, kept in the user's configuration, readable by its owner only.

One key a server. It never leaves the machine; what is registered is its public half.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ._errors import ConfigurationError
from ._signing import base64url


def platform_config_dir() -> Path:
    """Where this system keeps a user's settings; `CLOUDLICENSES_CONFIG_DIR` overrides."""
    override = os.environ.get("CLOUDLICENSES_CONFIG_DIR")
    if override:
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "cloudlicenses"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cloudlicenses"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "cloudlicenses"


@dataclass(frozen=True)
class DeviceKey:
    """Signs for this workstation."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def key_id(self) -> str:
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64url(hashlib.sha256(der).digest())

    @property
    def public_pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def known_key(directory: Path, host: str) -> DeviceKey | None:
    """The key for this server, if there is one; raises `ConfigurationError` for a file that holds none."""
    path = _path(directory, host)
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as reason:
        raise ConfigurationError(f"The device key in {path} can't be read: {reason}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError(f"The device key in {path} is not an Ed25519 key.")
    return DeviceKey(private)


def made_key(directory: Path, host: str) -> DeviceKey:
    """The key for this server; made now if there is none. Of two at once, threads or processes, both get the same."""
    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = _path(directory, host)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            _write_new(path, content)
    except OSError as reason:
        raise ConfigurationError(f"The device key can't be kept in {path}: {reason}") from None
    return known_key(directory, host) or DeviceKey(private)


def _write_new(path: Path, content: bytes) -> None:
    """Whole or not at all, with mode 0600 from its first moment; raises `FileExistsError`."""
    handle, name = tempfile.mkstemp(
        prefix=f".{path.name}.", dir=path.parent
    )  # what one that was killed has left is in nobody's way
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.link(temporary, path)
    finally:
        temporary.unlink()


def _path(directory: Path, host: str) -> Path:
    return directory / "devices" / f"{re.sub(r'[^a-z0-9.-]', '_', host.lower())}.pem"
