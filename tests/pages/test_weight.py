"""What a page costs to load, compressed: 400 kB at most for a first visit, 40 kB for every further page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from accounts.models import Role
from tests import sites
from tests.pages.conftest import Enter

FIRST, FURTHER = 400_000, 40_000
PATHS = ["/", "/licenses", "/keys", "/keys/generate", "/costs", "/audit"]
PACKED = {".woff2", ".png", ".jpg"}


def weight(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def files_of(page: str) -> set[Path]:
    """Everything of ours that the page names, and what its style sheets name in turn."""
    names = set(re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"#]+)', page))
    found = {Path(str(finders.find(name))) for name in names}
    for sheet in [path for path in found if path.suffix == ".css"]:
        urls = re.findall(r'url\("?(?!data:|#)([^")]+)', sheet.read_text())
        found |= {(sheet.parent / url).resolve() for url in urls}
    return found


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_light(path: str, at_mercedes: Enter):
    site: sites.Site = at_mercedes(Role.OWNER)
    page = site.get(path).content
    assets = sum(
        each.stat().st_size if each.suffix in PACKED else weight(each.read_bytes()) for each in files_of(page.decode())
    )
    assert assets > 10_000
    assert weight(page) < FURTHER
    assert assets + weight(page) < FIRST
