"""A password hasher that costs nothing. What it writes, the product's own hashers can read: servers under test are separate."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1
