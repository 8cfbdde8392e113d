"""The reader's time zone, as their browser told it (static/js/times.js); UTC until it has, and for those without scripts."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

COOKIE = f"{settings.COOKIE_PREFIX}cl_zone"
SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")


def zone_of(request: HttpRequest) -> tzinfo:
    """For what the server has to lay out by days and hours; instants stay UTC in the HTML."""
    name = request.COOKIES.get(COOKIE, "")
    if not SHAPE.fullmatch(name):
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # no such zone: not found, or the name of a directory
        return UTC
