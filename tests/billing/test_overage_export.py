"""`GET /api/v1/billing/overage`: the contract's CSV and JSON, a PDF, and the same figures in all three."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from cloudlicenses.kit import jsonmoney
from tests import builders, cast
from tests.billing import history
from tests.sites import Site
from vendors.models import Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november")]

HEADER = "CRM_Account_ID,Customer_Name,Product,Total_Overage_Checkouts,Total_Cost,Currency,Billing_Period"
NOVEMBER = "start_date=2025-11-01&end_date=2025-11-30"


@pytest.fixture
def story() -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 5, kind="commit", at=datetime(2025, 11, 3, tzinfo=UTC))
    history.checkouts(license, 44, at=datetime(2025, 11, 30, 23, 59, 59, 999999, tzinfo=UTC))


def ask(site: Site, query: str = NOVEMBER, **headers: str) -> Any:
    return site.ask(
        "GET", f"/api/v1/billing/overage?{query}", key=builders.vendor_key(), x_vendor_id=cast.VECTOR.id, **headers
    )


def csv_rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def pdf_text(answer: Any) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)


def test_the_csv_is_the_contracts_to_the_letter(vendor_site: Site, story: None) -> None:
    answer = ask(vendor_site, NOVEMBER + "&format=csv")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="overage-vector-de-2025-11-01-2025-11-30.csv"'
    assert answer.content.decode() == (
        f"{HEADER}\r\n"
        "ACC-98765,Mercedes-Benz AG,DaVinci Configurator SE,44,22000.00,EUR,2025-11\r\n"
        "ACC-98765,Mercedes-Benz AG,DaVinci Configurator SE - Commit (5 licenses),0,5000.00,EUR,2025-11\r\n"
    )


def test_the_extended_csv_has_a_row_a_product(vendor_site: Site, story: None) -> None:
    lines = ask(vendor_site, NOVEMBER + "&format=csv&columns=extended").content.decode().splitlines()
    assert lines == [
        HEADER + ",Commit_Fee,Total_Billable",
        "ACC-98765,Mercedes-Benz AG,DaVinci Configurator SE,44,22000.00,EUR,2025-11,5000.00,27000.00",
    ]


def test_the_json_is_the_contracts_with_two_decimals(vendor_site: Site, story: None) -> None:
    answer = ask(vendor_site)
    assert answer["Content-Type"] == "application/json"
    document = jsonmoney.loads(answer.content)
    product = document["customers"][0].pop("products")[0]
    assert document["customers"] == [
        {"crm_account_id": "ACC-98765", "tenant_id": "mercedes", "customer_name": "Mercedes-Benz AG"}
    ]
    assert {name: document[name] for name in ("vendor_id", "period", "total_overage_revenue", "currency")} == {
        "vendor_id": "vector-de",
        "period": {"start": "2025-11-01", "end": "2025-11-30"},
        "total_overage_revenue": Decimal("22000.00"),
        "currency": "EUR",
    }
    assert product == {
        "product_id": "davinci-configurator-se",
        "product_name": "DaVinci Configurator SE",
        "license_id": "lic-1",
        "license_ids": ["lic-1"],
        "billing_period": "2025-11",
        "overage_checkouts": 44,
        "overage_cost": Decimal("22000.00"),
        "commit_fee": Decimal("5000.00"),
        "total_billable": Decimal("27000.00"),
        "currency": "EUR",
    }
    assert b'"total_billable":27000.00' in answer.content


def test_the_pdf_says_the_same(vendor_site: Site, story: None) -> None:
    answer = ask(vendor_site, NOVEMBER + "&format=pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = pdf_text(answer)
    for words in (
        "Vector Informatik GmbH",
        "Mercedes-Benz AG",
        "ACC-98765",
        "Total billable: 27,000.00 EUR",
        "Page 1 of 1",
    ):
        assert words in text
    assert answer.content == ask(vendor_site, NOVEMBER + "&format=pdf").content


def test_an_accept_header_beside_the_format_is_no_hindrance(vendor_site: Site, story: None) -> None:
    assert ask(vendor_site, NOVEMBER + "&format=csv", accept="text/csv").status_code == 200
    assert ask(vendor_site, NOVEMBER + "&format=pdf", accept="application/pdf").status_code == 200


def test_a_product_without_overage_is_listed_with_its_fee(vendor_site: Site) -> None:
    history.sold(to=history.customer())
    rows = csv_rows(ask(vendor_site, NOVEMBER + "&format=csv"))
    assert [(row["Total_Overage_Checkouts"], row["Total_Cost"]) for row in rows] == [("0", "0.00"), ("0", "5000.00")]


def test_without_days_it_is_the_present_month(vendor_site: Site, story: None) -> None:
    assert ask(vendor_site, "").json()["period"] == {"start": "2025-11-01", "end": "2025-11-30"}
    assert ask(vendor_site, "end_date=2025-10-07").json()["period"] == {"start": "2025-10-01", "end": "2025-10-07"}


def test_days_at_the_edges_are_in_and_their_neighbours_are_not(vendor_site: Site) -> None:
    license = history.sold(to=history.customer())
    for moment in ("10-31T23:59:59.999999", "11-01T00:00:00", "11-15T23:59:59.999999", "11-16T00:00:00"):
        history.checkouts(license, 1, at=datetime.fromisoformat(f"2025-{moment}+00:00"))
    report = ask(vendor_site, "start_date=2025-11-01&end_date=2025-11-15").json()
    assert report["totals"]["overage_checkouts"] == 2


def test_each_month_has_its_row(vendor_site: Site) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 1, at=datetime(2025, 10, 20, tzinfo=UTC))
    history.checkouts(license, 2)
    rows = csv_rows(ask(vendor_site, "start_date=2025-10-01&end_date=2025-11-30&format=csv&columns=extended"))
    assert [(row["Billing_Period"], row["Total_Billable"]) for row in rows] == [
        ("2025-10", "5500.00"),
        ("2025-11", "6000.00"),
    ]


def test_several_currencies_are_never_added_up(vendor_site: Site) -> None:
    account = history.customer()
    history.checkouts(history.sold("lic-1", to=account), 1)
    history.checkouts(history.sold("lic-2", to=account, currency="USD"), 2)
    report = ask(vendor_site).json()
    assert (report["total_overage_revenue"], report["currency"], report["totals"]) == (None, None, None)
    assert [(total["currency"], total["total_billable"]) for total in report["totals_by_currency"]] == [
        ("EUR", 5500.0),
        ("USD", 6000.0),
    ]


def test_one_customer_only(vendor_site: Site) -> None:
    history.sold("lic-1", to=history.customer())
    history.sold("lic-2", to=history.customer("ACC-2", "Daimler Truck AG"))
    report = ask(vendor_site, NOVEMBER + "&customer_crm_id=ACC-2").json()
    assert [customer["crm_account_id"] for customer in report["customers"]] == ["ACC-2"]
    assert ask(vendor_site, NOVEMBER + "&customer_crm_id=ACC-3").json()["customers"] == []


def test_other_vendors_customers_are_not_there(vendor_site: Site) -> None:
    other = history.customer("ACC-2", cast.BMW.company_name, vendor_id=cast.GREENHILLS.id, tenant_id=cast.BMW.id)
    history.checkouts(history.sold("lic-2", to=other, product=cast.MULTI), 3)
    report = ask(vendor_site).json()
    assert (report["customers"], report["total_overage_revenue"], report["totals_by_currency"]) == ([], 0.0, [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start_date=2025-11-31", "start_date"),
        ("start_date=yesterday", "start_date"),
        ("end_date=2025-1-1", "end_date"),
        ("start_date=2025-11-02&end_date=2025-11-01", "end_date"),
        ("start_date=2022-11-01&end_date=2025-11-01", "end_date"),
        ("start_date=0001-01-01&end_date=2025-01-02", "start_date"),
        ("start_date=9999-12-31&end_date=2025-01-02", "start_date"),
        (NOVEMBER + "&format=xlsx", "format"),
        (NOVEMBER + "&columns=all", "columns"),
        (NOVEMBER + "&customer_crm_id=%00", "customer_crm_id"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(vendor_site: Site, query: str, field: str) -> None:
    answer = ask(vendor_site, query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_without_the_vendors_key_there_is_nothing(vendor_site: Site) -> None:
    path = f"/api/v1/billing/overage?{NOVEMBER}"
    assert vendor_site.ask("GET", path, x_vendor_id=cast.VECTOR.id).status_code == 401
    assert vendor_site.ask("GET", path, key=builders.vendor_key(), x_vendor_id=cast.GREENHILLS.id).status_code == 403


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_name_becomes_a_formula(vendor_site: Site, name: str) -> None:
    history.sold(to=history.customer(name=name))
    assert csv_rows(ask(vendor_site, NOVEMBER + "&format=csv"))[0]["Customer_Name"] == f"'{name}"


def test_quotes_commas_and_line_breaks_survive(vendor_site: Site) -> None:
    name = 'Müller, "Söhne"\nund Töchter — 株式会社'
    history.sold(to=history.customer(name=name))
    assert csv_rows(ask(vendor_site, NOVEMBER + "&format=csv"))[0]["Customer_Name"] == name


def test_names_of_any_script_and_length_make_a_pdf(vendor_site: Site) -> None:
    names = [
        "<b>&amp; Söhne",
        "Ωμέγα А.Е.",
        "ООО «Рога и копыта»",
        "株式会社トヨタ",
        "삼성전자",
        "中国一汽",
        "A" * 255,
        "\u202eevil\x07",
    ]
    for number, name in enumerate(names):
        history.sold(f"lic-{number}", to=history.customer(f"ACC-{number}", name))
    text = pdf_text(ask(vendor_site, NOVEMBER + "&format=pdf"))
    for name in ("<b>&amp; Söhne", "Ωμέγα", "ООО «Рога и копыта»", "トヨタ"):
        assert name in text


def test_hundreds_of_rows_go_over_pages_with_their_headings(vendor_site: Site) -> None:
    account = history.customer()
    for number in range(110):
        ware = cast.Ware(f"tool-{number}", cast.VECTOR.id, f"Tool {number:03d}")
        Product.objects.create(id=ware.id, vendor_id=ware.vendor_id, name=ware.name, created_at=builders.LONG_AGO)
        history.checkouts(history.sold(f"lic-{number}", to=account, product=ware), 1)
    answer = ask(vendor_site, "start_date=2025-10-01&end_date=2025-11-30&format=pdf")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) > 5
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
    assert all("Mercedes-Benz AG" in text and "Overage cost" in text for text in pages if "Tool" in text)
    assert sum(text.count("Tool ") for text in pages) == 220
    assert "Total billable: 1,155,000.00 EUR" in pages[0]


def test_a_report_too_long_for_a_pdf_is_had_as_csv(
    vendor_site: Site, story: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.exports.as_pdf.MOST_ROWS", 0)
    answer = ask(vendor_site, NOVEMBER + "&format=pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows_for_pdf")
