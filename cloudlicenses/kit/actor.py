"""Who does it, from where: what every audit entry says of the acting party."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is `user`, `key`, `vendor_key`, `operator`, `system` or `anonymous`; the rest is as far as it is known."""

    kind: str
    id: str = ""
    label: str = ""
    key_id: str = ""
    ip: str = ""
    hostname: str = ""
    fingerprint: str = ""
    user_agent: str = ""
    request_id: str = ""


SYSTEM = Actor(kind="system", id="system", label="CloudLicenses")
