"""Names as they are compared."""

from __future__ import annotations

import pytest

from certificates import names

GOOD = {
    "DNS:WS-042.Mercedes.com.": "DNS:ws-042.mercedes.com",
    "dns:localhost": "DNS:localhost",
    " email:Build@Mercedes.com ": "email:build@mercedes.com",
    "URI:SPIFFE://Mercedes.com/ns/Build": "URI:spiffe://mercedes.com/ns/Build",
    "uri:spiffe://mercedes.com": "URI:spiffe://mercedes.com",
}
BAD = [
    "", "DNS:", "ws-042.mercedes.com", "DNS:*.mercedes.com", "DNS:-.com", "DNS:a..b", "DNS:" + "a." * 130, "DNS:a b", "DNS:ä.de",
    "email:nobody", "email:a@b", "email:a\n@b.c", "URI:https://mercedes.com/", "URI:spiffe://", "URI:spiffe://a/../b",
    "URI:spiffe://a/", "URI:spiffe://a/b?c", "URI:spiffe://a@b/c", "URI:spiffe://a:1/b", "URI:spiffe://a/" + "b" * 3000,
    "IP:10.0.0.1", "DNS:a\x00b",
]  # fmt: skip


@pytest.mark.parametrize(("written", "tidied"), GOOD.items())
def test_a_name_is_compared_without_what_means_nothing(written: str, tidied: str) -> None:
    assert names.tidied(written) == tidied
    assert names.tidied(tidied) == tidied
    assert list(names.in_alternatives([names.as_alternative(tidied)])) == [tidied]


@pytest.mark.parametrize("written", BAD)
def test_what_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(names.NotAName):
        names.tidied(written)
