"""What every page of the three hosts costs to load, compressed: 400 kB at most for a first visit, 40 kB for every further page.

A page is asked for as the benchmark opens it, at a customer of a thousand licenses, a vendor of three thousand customers.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction

from benchmarks import pages
from benchmarks.pages import Size
from tests import cast

FIRST, FURTHER = 400_000, 40_000
BIG = Size(licenses=1_000, leases=2_000, held=80, denials=200, customers=3_000, people=200, tenants=200, deliveries=200)
PACKED = {".woff2", ".png", ".jpg"}


def weight(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def files_of(page: str) -> set[Path]:
    """Everything of ours that the page names, and what its style sheets name in turn."""
    names = set(re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"#]+)', page))
    found = {Path(str(finders.find(name))) for name in names}
    return found | {named for path in found if path.suffix == ".css" for named in named_in(path)}


@cache
def named_in(sheet: Path) -> frozenset[Path]:
    urls = re.findall(r'url\("?(?!data:|#)([^")]+)', sheet.read_text())
    return frozenset((sheet.parent / url).resolve() for url in urls)


@cache
def weight_of_file(path: Path) -> int:
    return path.stat().st_size if path.suffix in PACKED else weight(path.read_bytes())


def test_every_page_is_light(db: None) -> None:
    weighed: dict[str, tuple[int, int]] = {}
    with transaction.atomic():
        places = pages.furnish(cast.MERCEDES.id, BIG)
        for name, browser, path in pages.pages(cast.MERCEDES.id, places):
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            assets = sum(map(weight_of_file, files_of(answer.content.decode())))
            assert assets > 10_000, path
            weighed[name] = (weight(answer.content), assets)
        transaction.set_rollback(True)
    assert len(weighed) > 150
    assert {name: page for name, (page, _assets) in weighed.items() if page > FURTHER} == {}
    assert {name: page + assets for name, (page, assets) in weighed.items() if page + assets > FIRST} == {}
