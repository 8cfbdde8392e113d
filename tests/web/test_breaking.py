"""Addresses and hosts in narrow columns break where a reader pauses, and stay what they are."""

from __future__ import annotations

import pytest

from cloudlicenses.web.templatetags.pages import may_break


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("anna@mercedes.example", "anna@<wbr>mercedes.<wbr>example"),
        ("dev-ws-042", "dev-ws-042"),
        ("Dr. No", "Dr. No"),
        ("<b>@x.y", "&lt;b&gt;@<wbr>x.<wbr>y"),
        ("", ""),
    ],
)
def test_a_name_breaks_after_an_at_sign_or_a_dot(name: str, shown: str) -> None:
    assert may_break(name) == shown
