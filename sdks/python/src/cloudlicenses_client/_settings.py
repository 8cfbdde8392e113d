"""What an application configures, checked once, before anything is sent.

`LICENSE_SERVER_URL` and `LICENSE_API_KEY` are the two names every integration shares; everything else has a default.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Union

import httpx

from ._clock import Clock
from ._errors import ConfigurationError
from ._machine import default_hostname

if TYPE_CHECKING:
    from typing_extensions import Unpack

Certificate = Union[str, tuple[str, str], tuple[str, str, str]]
Verify = Union[bool, str, Path, ssl.SSLContext]

_log = logging.getLogger("cloudlicenses_client")
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_HIGHEST_PORT = 65535
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_TENANT_KEY = re.compile(r"cl(?:sk|pt)_([a-z0-9-]+)_")


class ClientOptions(TypedDict, total=False):
    """The optional arguments of both clients."""

    hostname: str  # sent as X-Hostname and bound into leases; socket.getfqdn() by default
    app_path: str | Path  # the program the fingerprint vouches for; the running script or binary by default
    timeout: float  # seconds to connect, and seconds without a byte of the answer
    max_retries: int  # after the first try, on lost connections, 429 and 5xx
    offline_fallback: bool  # may checkout() answer with a cached lease when the server can't be reached?
    cache_dir: str | Path  # where signed leases and public keys are kept
    application_secret: str  # what the vendor has built in, so that the application signs what it asks for
    config_dir: str | Path  # where this workstation's key is kept, once a server has asked for one
    cert: Certificate | None  # client certificate: a PEM file with both, or (certificate, key[, password])
    verify: Verify  # the authorities to trust: a PEM file, a directory, or an SSLContext
    clock: Clock  # for tests


@dataclass(frozen=True)
class Settings:
    """Checked settings. The key never appears in its repr."""

    server_url: str
    api_key: str = field(repr=False)
    product_id: str
    hostname: str = field(default_factory=default_hostname)
    app_path: str | Path | None = None
    timeout: float = 10.0
    max_retries: int = 3
    offline_fallback: bool = True
    cache_dir: str | Path | None = None
    application_secret: str = field(default="", repr=False)
    config_dir: str | Path | None = None
    cert: Certificate | None = field(default=None, repr=False)
    verify: Verify = True
    clock: Clock = field(default_factory=Clock, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "server_url", _checked_url(self.server_url))
        object.__setattr__(self, "api_key", _checked_key(self.api_key))
        if not _VISIBLE.fullmatch(self.hostname):
            raise ConfigurationError("hostname must be a name without spaces.")
        if self.application_secret and not _VISIBLE.fullmatch(self.application_secret):
            raise ConfigurationError("application_secret must be one word of visible ASCII characters.")
        if self.verify is False:
            raise ConfigurationError("verify=False would hand the API key to anybody. Pass the CA's PEM file instead.")

    @property
    def tenant(self) -> str | None:
        """The tenant the API key names, if it has the usual form."""
        match = _TENANT_KEY.match(self.api_key)
        return match.group(1) if match else None


def settings_from_env(product_id: str, **options: Unpack[ClientOptions]) -> Settings:
    """Settings with server URL and key from the environment; raises `ConfigurationError` naming what is missing."""
    return Settings(env_required("LICENSE_SERVER_URL"), env_required("LICENSE_API_KEY"), product_id, **options)


def env_required(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set.")
    return value


def _checked_url(url: str) -> str:
    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL as malformed:
        raise ConfigurationError(f"The server URL is malformed: {malformed}") from None
    is_address = _HOST.fullmatch(parts.raw_host.decode("ascii")) and (parts.port or 1) <= _HIGHEST_PORT
    if parts.scheme not in {"http", "https"} or not is_address:
        raise ConfigurationError("The server URL must look like https://mercedes.cloudlicenses.com.")
    if parts.userinfo or parts.query or parts.fragment:
        raise ConfigurationError("The server URL must hold no user, query or fragment.")
    if parts.scheme == "http" and not is_loopback(parts.host):
        _log.warning("%s is not encrypted: the API key travels in clear.", parts)
    return str(parts).rstrip("/")


def _checked_key(key: str) -> str:
    # A key with a line break in it would surface inside an HTTP library's error message.
    stripped = key.strip()
    if not _VISIBLE.fullmatch(stripped):
        raise ConfigurationError("The API key must be one word of visible ASCII characters.")
    return stripped


def is_loopback(host: str) -> bool:
    """Is this host the machine itself? `*.localhost` always is (RFC 6761), though Python's resolver doesn't know it."""
    return is_localhost_name(host) or host == "::1" or host.startswith("127.")


def is_localhost_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")
