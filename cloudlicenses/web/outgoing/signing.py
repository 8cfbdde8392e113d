"""Standard Webhooks signatures (version v1): HMAC-SHA-256 over id, timestamp and the body to the byte.

After a rotation the former secret signs too, for a day, so that a receiver may change over when it suits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from datetime import datetime, timedelta

from cloudlicenses.kit import clock

PREFIX = "whsec_"
SECRET_BYTES = 32
FORMER_SIGNS_FOR = timedelta(hours=24)


def new_secret() -> str:
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def former_until() -> datetime:
    """Until when the secret that is replaced now signs beside its successor."""
    return clock.now() + FORMER_SIGNS_FOR


def still_until(until: datetime | None) -> datetime | None:
    """The same moment while a former secret signs; None when it does no more, or there never was one."""
    return until if until and until > clock.now() else None


def headers(*, message_id: str, timestamp: int, body: bytes, secrets: list[str]) -> dict[str, str]:
    """The three headers; one signature for each secret, so that a receiver may know either while they change."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
