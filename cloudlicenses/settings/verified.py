"""A connection that leaves the machine is encrypted, and is to whom it says: TLS, with the server's name verified.

Anything else stops the start of a server in production, with a line that says what to write. What stays on the machine (loopback,
sockets) needs none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import ParseResult, parse_qs, unquote

from cloudlicenses.settings.env import ConfigurationError

FILES = "/run/inside"  # where deploy/ puts the authority's certificate and one's own


def refuse_unverified_database(hosts: str, options: Mapping[str, str]) -> None:
    """`hosts` and `options` as libpq takes them. Raises `ConfigurationError`."""
    named = [*hosts.split(","), *filter(None, options.get("hostaddr", "").split(","))]
    if all(_stays_here(host) for host in named) or options.get("sslmode") == "verify-full":
        return
    raise ConfigurationError(
        "DATABASE_URL",
        f"leads to another machine without verified TLS. Add ?sslmode=verify-full&sslrootcert={FILES}/authority.pem to it.",
    )


def refuse_unverified_valkey(url: ParseResult) -> None:
    """Raises `ConfigurationError`."""
    said = {name: values[-1].lower() for name, values in parse_qs(url.query).items()}
    is_verified = said.get("ssl_cert_reqs", "required") in {"required", "cert_required"}
    names_matter = said.get("ssl_check_hostname", "true") in {"true", "yes", "1"}
    if url.scheme == "unix" or _stays_here(url.hostname or ""):
        return
    if url.scheme != "rediss" or not (is_verified and names_matter):
        raise ConfigurationError(
            "REDIS_URL",
            "leads to another machine without verified TLS. Write"
            f" rediss://:password@host:port/0?ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs={FILES}/authority.pem.",
        )


def refuse_unverified_mail(url: ParseResult) -> None:
    """Python verifies certificate and name wherever there is TLS. Raises `ConfigurationError`."""
    if url.scheme == "smtp" and not _stays_here(url.hostname or ""):
        raise ConfigurationError(
            "EMAIL_URL", "leads to another machine without TLS. Write smtps:// (port 465) or smtp+tls:// (port 587)."
        )


def _stays_here(host: str) -> bool:
    """A socket, or the machine itself; no name is asked for, since the answer is a network's."""
    host = unquote(host).strip("[]")
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
