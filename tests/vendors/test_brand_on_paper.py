"""The vendor's look where customers keep it: in the mail that brings a license, on the statement that bills it."""

from __future__ import annotations

import io
from datetime import date
from html import escape
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from audit import delivery
from billing.exports import as_pdf
from billing.exports.report import report
from cloudlicenses.web.pages import vendors_url
from cloudlicenses.wiring import LISTENERS
from tenants.context import acting_for, inside
from tests import builders, cast
from tests.vendors.crm import Crm
from vendors import branding, logos, profile

HOSTILE = "<script>alert(1)</script> & Söhne\r\nBcc: all@bmw.de"
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 50), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def branded(vector: Crm) -> Crm:
    changes = {"name": "Vector Group", "brand_color": "#b5002f", "support_email": "help@vector.example"}
    with acting_for(cast.VECTOR.id):
        logos.replace(builders.actor(), cast.VECTOR.id, picture())
        profile.change(builders.actor(), cast.VECTOR.id, changes)
    return vector


def letter(crm: Crm, mailoutbox: list[Any]) -> tuple[Any, str]:
    crm.sold()
    delivery.deliver_due(LISTENERS, inside=inside)
    [sent] = mailoutbox
    return sent, str(sent.alternatives[0][0])


def statement(vendor_id: str) -> PdfReader:
    with acting_for(vendor_id):
        return PdfReader(io.BytesIO(as_pdf.render(report(vendor_id, *MARCH))))


def test_the_mail_bears_logo_colour_and_support_address(branded: Crm, mailoutbox: list[Any]) -> None:
    sent, html = letter(branded, mailoutbox)
    brand = branding.brands_of([cast.VECTOR.id])[cast.VECTOR.id]
    assert f'<img src="{vendors_url(brand.logo_path)}" alt="Vector Group"' in html
    assert "background: #b5002f" in html
    assert "color: #ffffff" in html
    assert 'href="mailto:help@vector.example"' in html
    assert "Questions to Vector Group: help@vector.example" in sent.body


def test_the_mail_of_a_vendor_without_a_brand_is_plain(vector: Crm, mailoutbox: list[Any]) -> None:
    sent, html = letter(vector, mailoutbox)
    assert "<img" not in html
    assert f"background: {branding.PLAIN_COLOR}" in html
    assert "Questions to" not in sent.body + html


def test_a_name_is_text_in_the_mail_and_cannot_add_a_header(vector: Crm, mailoutbox: list[Any]) -> None:
    with acting_for(cast.VECTOR.id):
        profile.change(builders.actor(), cast.VECTOR.id, {"name": HOSTILE})
    sent, html = letter(vector, mailoutbox)
    assert "<script" not in html
    assert escape("<script>alert(1)</script> & Söhne", quote=False) in html
    assert sent.recipients() == ["licenses@mercedes-benz.com"]
    assert sent.message()["Bcc"] is None
    assert "\n" not in sent.subject


def test_the_statement_bears_logo_and_name(branded: Crm) -> None:
    first = statement(cast.VECTOR.id).pages[0]
    assert len(first.images) == 1
    with Image.open(io.BytesIO(first.images[0].data)) as logo:
        assert logo.size == (200, 50)
    assert "Vector Group" in first.extract_text()
    assert len(statement(cast.GREENHILLS.id).pages[0].images) == 0


def test_a_name_is_text_on_the_statement(vector: Crm) -> None:
    with acting_for(cast.VECTOR.id):
        profile.change(builders.actor(), cast.VECTOR.id, {"name": "<b>A & B</b> GmbH"})
    assert "<b>A & B</b> GmbH" in statement(cast.VECTOR.id).pages[0].extract_text()
