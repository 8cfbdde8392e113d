"""Links that work once, by mail: their secrets are derived, never stored.

A secret comes from what the link is for and from its row, under SECRET_KEY; so a mail that is tried again carries the same link,
and only a hash is in the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Link, User
from cloudlicenses.kit import clock
from tenants import context

SomeLink = TypeVar("SomeLink", bound=Link)


def secrets_of(link: Link, purpose: str, user_id: int) -> list[str]:
    """Under the present SECRET_KEY first, then under the former ones."""
    return secrets_for(f"{context.current().schema_name}/{user_id}/{clock.rfc3339(link.created_at)}", purpose)


def secrets_for(place: str, purpose: str) -> list[str]:
    """Of a link with a place of its own, likewise."""
    return [_secret(key, purpose, place.encode()) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def open_secret_of(link: Link, purpose: str, user_id: int) -> str:
    """The secret that opens this link; empty when it was used, has expired, or was made under a key that is gone."""
    if link.used_at or link.expires_at <= clock.now():
        return ""
    return next((text for text in secrets_of(link, purpose, user_id) if hash_of(text) == link.secret_hash), "")


def end_open(links: QuerySet[SomeLink]) -> None:
    """Those of these links that are still open lead nowhere from now on."""
    now = clock.now()
    links.filter(used_at=None, expires_at__gt=now).update(expires_at=now)


def hold_person(links: QuerySet[SomeLink], secret: str) -> None:
    """Lock whoever this link is for, if it is there: the person before their links, as all who end links do. So of any two who
    use or end it, one waits here, and finds it afterwards as the other left it."""
    owner = links.filter(secret_hash=hash_of(secret)).values("user_id")
    list(User.objects.select_for_update().filter(pk__in=owner))


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _secret(key: str, purpose: str, place: bytes) -> str:
    purpose_key = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(hmac.new(purpose_key, place, hashlib.sha256).digest()).decode().rstrip("=")
