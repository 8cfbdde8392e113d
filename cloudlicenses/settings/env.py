"""Typed readers of the environment. A missing or malformed value stops the start with one line that names it.

Every secret can also come from a file: `SECRET_KEY_FILE=/run/secrets/secret_key` instead of `SECRET_KEY=…`.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import os
from pathlib import Path
from urllib.parse import ParseResult, urlparse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigurationError(SystemExit):
    """One line on standard error, exit code 1 — no traceback over a typing mistake."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Configuration: {name} {why}")


def load_dotenv(path: Path) -> None:
    """Read `KEY=value` lines into the environment, where a name isn't set already. No file, nothing to do."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "")
    file = os.environ.get(f"{name}_FILE", "")
    if file and not value:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{name}_FILE", f"can't be read: {error.strerror}: {file}") from None
    if value:
        return value
    if default is None:
        raise ConfigurationError(name, "is missing. Set it in the environment or in .env (see .env.example).")
    return default


def integer(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ConfigurationError(name, f"must be a whole number of at least {least}, not {value!r}.")
    return int(value)


def boolean(name: str, *, default: bool = False) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ConfigurationError(name, f"must be on or off, not {value!r}.")


def choice(name: str, default: str, options: set[str]) -> str:
    value = text(name, default)
    if value not in options:
        raise ConfigurationError(name, f"must be one of {', '.join(sorted(options))}, not {value!r}.")
    return value


def url(name: str, schemes: set[str], default: str | None = None) -> ParseResult:
    value = text(name, default)
    try:
        parsed = urlparse(value)
        _ = parsed.port
    except ValueError:
        raise ConfigurationError(name, "is not a URL.") from None
    if parsed.scheme not in schemes:
        raise ConfigurationError(name, f"must start with {' or '.join(sorted(f'{s}://' for s in schemes))}.")
    return parsed


def key_list(name: str) -> list[bytes]:
    """Keys of 32 bytes in base64, newest first, separated by commas."""
    keys = []
    for part in text(name).split(","):
        try:
            key = base64.b64decode(part.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise ConfigurationError(name, "must be base64 (make one: openssl rand -base64 32).") from None
        if len(key) != 32:
            raise ConfigurationError(name, "must be 32 bytes in base64 (make one: openssl rand -base64 32).")
        keys.append(key)
    return keys


def numbers_by_name(name: str, *, names: set[str], members: set[str]) -> dict[str, dict[str, int]]:
    """A JSON object of objects of whole numbers above 0: `{"free": {"requests_per_hour": 500}}`."""
    try:
        found = json.loads(text(name, "{}"))
        wrong = set(found) - names or {member for numbers in found.values() for member in numbers} - members
        numbers = [number for one in found.values() for number in one.values()]
    except (ValueError, AttributeError, TypeError):
        raise ConfigurationError(name, "must be a JSON object of objects.") from None
    if wrong:
        raise ConfigurationError(name, f"knows no {', '.join(sorted(wrong))}.")
    if not all(type(number) is int and number > 0 for number in numbers):
        raise ConfigurationError(name, "must have whole numbers above 0.")
    return dict(found)


def words(name: str) -> list[str]:
    """Separated by commas."""
    return [part.strip() for part in text(name, "").split(",") if part.strip()]


def networks(name: str, *, besides: str = "") -> list[Network]:
    """Separated by commas. `besides`: a word that may stand among them and is read elsewhere."""
    try:
        return [ipaddress.ip_network(part) for part in words(name) if part != besides]
    except ValueError as error:
        raise ConfigurationError(name, f"must be networks as 10.0.0.0/8, separated by commas: {error}.") from None


def addresses(name: str) -> list[tuple[str, int]]:
    """`ip:port` pairs, separated by commas; the port of DNS (53) when it's left out."""
    found = []
    for part in filter(None, (part.strip() for part in text(name, "").split(","))):
        host, colon, port = part.rpartition(":") if part.count(":") == 1 or part.startswith("[") else (part, "", "")
        try:
            found.append((str(ipaddress.ip_address(host.strip("[]") or part)), int(port) if colon else 53))
        except ValueError:
            raise ConfigurationError(name, f"must be ip:port pairs, separated by commas, not {part!r}.") from None
    return found
