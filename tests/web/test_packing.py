"""Pages are compressed for whoever takes that; programs' answers never are."""

from __future__ import annotations

import gzip

from tests import sites

TAKES_GZIP = {"accept-encoding": "gzip, br"}


def test_a_page_is_compressed_and_caches_are_told(apex: sites.Site, db: None) -> None:
    plain, packed = apex.get("/problems"), apex.get("/problems", headers=TAKES_GZIP)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 3
    assert gzip.decompress(packed.content).count(b"<tr") == plain.content.count(b"<tr")
    assert "Content-Encoding" not in plain


def test_its_length_varies_so_that_nothing_is_learnt_from_it(apex: sites.Site, db: None) -> None:
    lengths = {len(apex.get("/problems", headers=TAKES_GZIP).content) for _ in range(10)}
    assert len(lengths) > 1


def test_programs_get_their_answers_as_they_are(apex: sites.Site, db: None) -> None:
    assert "Content-Encoding" not in apex.get("/api/v1/openapi.json", headers=TAKES_GZIP)
