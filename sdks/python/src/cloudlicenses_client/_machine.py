"""What is known of this machine and this application: its name, and a fingerprint that says nothing else.

The fingerprint is a hash over the application's binary, where it is installed, the machine's id and this library's version.
Only the hash leaves the machine.
"""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
import uuid
from functools import cache, lru_cache
from pathlib import Path

from ._version import __version__

_CHUNK = 1 << 20
_MACHINE_ID_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")


@cache
def default_hostname() -> str:
    """The fully qualified name, asked once: without network the resolver may think for seconds."""
    name = socket.getfqdn()
    # Some resolvers call every machine "localhost", above all while the network is down.
    return socket.gethostname() if name.partition(".")[0] == "localhost" else name


def same_machine(ours: str, theirs: str) -> bool:
    """Do both names mean one machine? Offline the domain is often unknown, so a bare name equals its qualified form."""
    ours, theirs = ours.rstrip(".").lower(), theirs.rstrip(".").lower()
    if "." in ours and "." in theirs:
        return ours == theirs
    return ours.partition(".")[0] == theirs.partition(".")[0]


@lru_cache(maxsize=8)
def fingerprint(app_path: Path) -> str:
    """`sha256:` and the hex digest of binary checksum, install path, machine id and library version."""
    parts = (_checksum(app_path), str(app_path), _machine_id(), __version__)
    return "sha256:" + hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def running_application() -> Path:
    """The frozen binary or script that is running, or else the interpreter."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    script = None if getattr(sys, "frozen", False) else main
    return Path(script or sys.executable).resolve()


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as binary:
            for chunk in iter(lambda: binary.read(_CHUNK), b""):
                digest.update(chunk)
    except OSError:
        return "unreadable"
    return digest.hexdigest()


def _machine_id() -> str:
    return _platform_machine_id() or f"node-{uuid.getnode():012x}"


def _platform_machine_id() -> str | None:
    if sys.platform == "win32":
        return _windows_machine_guid()
    if sys.platform == "darwin":
        return _mac_platform_uuid()
    for name in _MACHINE_ID_FILES:
        try:
            return Path(name).read_text("ascii").strip() or None
        except (OSError, ValueError):
            continue
    return None


def _mac_platform_uuid() -> str | None:
    command = ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'"IOPlatformUUID" = "([^"]+)"', listing)
    return found.group(1) if found else None


def _windows_machine_guid() -> str | None:
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return None
