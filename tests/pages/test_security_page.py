"""The security page, and where to tell of a hole (RFC 9116)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cloudlicenses.kit import clock
from tests import cast, sites


def test_the_security_page_is_for_everybody(apex: sites.Site, db: None) -> None:
    page = apex.get("/security").content.decode()
    assert "The seven layers" in page
    assert 'id="reporting-a-vulnerability"' in page
    assert "/.well-known/security.txt" in page


@pytest.mark.parametrize(
    "site", [sites.apex(), sites.vendors(), sites.tenant(cast.MERCEDES.id)], ids=lambda site: site.host
)
def test_every_host_says_whom_to_tell(site: sites.Site, db: None) -> None:
    answer = site.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@localhost"
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    assert fields["Policy"].startswith("http://localhost:8000/security#")
    ends = datetime.fromisoformat(fields["Expires"])
    assert clock.now() + timedelta(days=90) < ends < clock.now() + timedelta(days=365)
