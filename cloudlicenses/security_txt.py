"""`/.well-known/security.txt` (RFC 9116): where to tell of a hole. It expires, as the RFC wants, and is written anew each day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings

from cloudlicenses.kit import clock
from cloudlicenses.web.pages import apex_url

GOOD_FOR = timedelta(days=180)


def security_txt() -> str:
    """The file, for every host of the installation; the canonical one is the apex's."""
    ends = datetime.combine(clock.today() + GOOD_FOR, time(), UTC)
    lines = {
        "Contact": f"mailto:security@{settings.BASE_HOST}",
        "Expires": clock.rfc3339(ends),
        "Preferred-Languages": "en, de",
        "Canonical": apex_url("/.well-known/security.txt"),
        "Policy": apex_url("/security") + "#reporting-a-vulnerability",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())
