"""Devices that somebody has signed in with before: guessing at an account from elsewhere doesn't shut its owner out there.

The browser keeps a signed cookie with the accounts' mark; it lets nobody in, it only counts this browser's tries apart from those
of strangers.
"""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core import signing

from accounts.models import User
from tenants import context

COOKIE: str = settings.DEVICE_COOKIE_NAME
KEPT_SECONDS = 365 * 24 * 3600
LONGEST = 254
SALT = "known devices"


def mark_for(user: User) -> str:
    """What the browser is to keep."""
    return signing.dumps([_account(user.email), secrets.token_urlsafe(12)], salt=SALT)


def account_tried(email: str, cookie: str) -> str:
    """Under which name to count a try at this address: the device's own where it is known, the strangers' else. However it is
    typed, with blanks around it or in capitals, it is one address."""
    email = email.strip().lower()[:LONGEST]
    try:
        account, device = signing.loads(cookie, salt=SALT, max_age=KEPT_SECONDS)
    except (signing.BadSignature, ValueError):
        return email
    return f"{email}/{device}" if account == _account(email) else email


def _account(email: str) -> str:
    place = f"{context.current().schema_name}/{email.lower()}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]
