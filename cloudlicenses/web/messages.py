"""What a page says once, after a redirect: in a signed cookie that, as all of ours, belongs to its host alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class HostCookieStorage(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}cl_messages"
