"""Whoever is somebody inside a deployment, each with a directory of their own that nobody else sees.

In it are `identity.pem` (key and certificate, replaced together) and `authority.pem` (whom to believe).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from cloudlicenses.inside.authority import Authority
from cloudlicenses.inside.files import write_whole

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is the directory, and the certificate's common name; `hosts` are what it is reached as."""

    name: str
    hosts: tuple[str, ...] = ()
    owner: int | None = None


def parse(text: str) -> Identity:
    """`postgres:owner=999,host=postgres`, as the command line says it. Raises `ValueError`."""
    name, _, rest = text.partition(":")
    facts = [part.partition("=")[::2] for part in rest.split(",") if part]
    if not name or "/" in name or {word for word, _ in facts} - {"owner", "host"}:
        raise ValueError(f"not an identity: {text!r}. Write name:owner=10001,host=name")
    owners = [int(value) for word, value in facts if word == "owner"]
    return Identity(name, tuple(value for word, value in facts if word == "host"), owners[-1] if owners else None)


def renew(identity: Identity, authority: Authority, place: Path, lifetime: timedelta = LIFETIME) -> bool:
    """A new key and certificate where there is none, or a third of its life is over; says whether there was a need."""
    directory = place / identity.name
    directory.mkdir(parents=True, exist_ok=True)
    if not _is_due(directory / "identity.pem", authority, lifetime):
        return False
    write_whole(directory / "authority.pem", authority.pem, mode=0o444)
    pem = authority.issue(identity.name, identity.hosts, lifetime)
    write_whole(directory / "identity.pem", pem, mode=0o600, owner=identity.owner)
    return True


def _is_due(path: Path, authority: Authority, lifetime: timedelta) -> bool:
    if not path.exists():
        return True
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError):  # of another authority
        return True
    return certificate.not_valid_after_utc - datetime.now(UTC) < lifetime * 2 / 3
