"""The customer's month and the audit log, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Role
from audit import events
from billing import rollup
from billing.models import UsageRecord
from billing.sealing import seal_charges
from tenants import context, sealing
from tests import builders, cast, sites
from tests.pages.selling import sold
from vendors.models import CrmAccount

OCTOBER = datetime(2026, 10, 7, 12, tzinfo=UTC)


def billed(entry: str, kind: str, amount: str) -> UsageRecord:
    return UsageRecord(
        entry=entry, at=OCTOBER, kind=kind, tenant_id=cast.MERCEDES.id, vendor_id=cast.VECTOR.id, license_id="lic-1",
        product_id=cast.DAVINCI.id, amount=Decimal(amount), currency="EUR",
    )  # fmt: skip


def test_the_month_of_the_story_comes_to_27000(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
    UsageRecord.objects.bulk_create(
        [
            billed("fee-lic-1-2026-10", "commit_fee", "5000.00"),
            *(billed(f"lease-{n}", "overage", "500.00") for n in range(44)),
        ]
    )
    page = owner.get("/costs?period=2026-10").content.decode()
    for said in (
        "27,000.00\u00a0EUR",
        "22,000.00\u00a0EUR",
        "5,000.00\u00a0EUR",
        "44 checkouts",
        "DaVinci Configurator SE",
    ):
        assert said in page
    assert "?period=2026-09" in page


def test_each_vendors_bill_is_summed_and_leads_to_its_charges(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        builders.granted("lic-2", product=cast.MULTI)
    theirs = billed("lease-3", "overage", "120.00")
    theirs.vendor_id, theirs.license_id, theirs.product_id = cast.GREENHILLS.id, "lic-2", cast.MULTI.id
    UsageRecord.objects.bulk_create([billed("lease-1", "overage", "500.00"), billed("lease-2", "overage", "500.00")])
    assert ">By vendor<" not in owner.get("/costs?period=2026-10").content.decode(), "one vendor's sum is the total"
    theirs.save(force_insert=True)
    page = owner.get("/costs?period=2026-10").content.decode()
    by_vendor = page.split(">By vendor<")[1].split("</table>")[0]
    assert by_vendor.index(cast.VECTOR.name) < by_vendor.index(cast.GREENHILLS.name), "the dearest first"
    assert "1,000.00\u00a0EUR" in by_vendor
    assert f"/costs/charges?period=2026-10&amp;vendor={cast.GREENHILLS.id}" in by_vendor
    charges = owner.get(f"/costs/charges?period=2026-10&vendor={cast.GREENHILLS.id}").content.decode()
    assert "120.00\u00a0EUR" in charges
    assert "500.00\u00a0EUR" not in charges
    assert len(owner.get(f"/costs/charges.csv?period=2026-10&vendor={cast.GREENHILLS.id}").content.splitlines()) == 2


def test_a_month_without_anything_says_so(owner: sites.Site):
    assert b"Nothing to pay for" in owner.get("/costs?period=2024-01").content


@pytest.mark.parametrize("period", ["2026-13", "yesterday", "2026-1", "0000-01"])
def test_what_is_no_month_is_refused(period: str, owner: sites.Site):
    assert owner.get("/costs", {"period": period}).status_code == 422


def test_the_audit_log_is_searched_by_word_and_result(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        events.record("key.revoked", actor=builders.actor(), subject=("key", "key-1"))
        events.record("key.refused", actor=builders.actor("key", id="key-2"), code="wrong_tenant")
    everything = owner.get("/audit").content
    assert b"key.revoked" in everything
    assert b"user.signed_in" in everything
    refused = owner.get("/audit?result=refused").content
    assert b"other tenant" in refused
    assert b">Key revoked</a>" not in refused
    found = owner.get("/audit?q=KEY-1").content
    assert b">Key revoked</a>" in found
    assert b"other tenant" not in found
    assert b"Nothing found" in owner.get("/audit?q=nothing%25_").content


def test_a_long_log_is_turned_page_by_page(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        for number in range(60):
            events.record("key.issued", actor=builders.actor(), subject=("key", f"key-{number:03}"), announce=False)
    first = owner.get("/audit").content.decode()
    assert "key-059" in first
    assert "key-003" not in first
    cursor = first.split("cursor=")[1].split('"')[0]
    assert "key-003" in owner.get(f"/audit?cursor={cursor}").content.decode()
    assert owner.get("/audit?cursor=forged").status_code == 422


ODD = (
    "until=9999-12-31", "since=0001-01-01&until=0001-01-01", "until=10000-01-01",
    "result=x&event=%00&q=%00", "q=%27%25_", "key=%FF",
)  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_whatever_is_asked_of_the_log_is_answered(query: str, owner: sites.Site):
    for path in ("/audit", "/audit.csv", "/audit.jsonl"):
        assert owner.get(f"{path}?{query}").status_code == 200


def test_two_currencies_are_never_added_up(owner: sites.Site):
    dollars = billed("lease-9", "overage", "7.00")
    dollars.currency = "USD"
    UsageRecord.objects.bulk_create([billed("lease-1", "overage", "500.00"), billed("lease-2", "commit", "0"), dollars])
    page = owner.get("/costs?period=2026-10").content.decode()
    assert "500.00\u00a0EUR" in page
    assert "7.00\u00a0USD" in page
    assert "507.00" not in page
    rows = owner.get("/costs/month.csv?period=2026-10").content.decode().splitlines()[1:]
    assert [row.rsplit(",", 5)[1:] for row in rows] == [
        ["1", "0.00", "500.00", "500.00", "EUR"],
        ["1", "0.00", "7.00", "7.00", "USD"],
    ]


def test_an_entry_shows_what_proves_it_once_it_is_sealed(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        entry = events.record("key.revoked", actor=builders.actor(), subject=("key", "key-1"), reason="leaked")
    waiting = owner.get(f"/audit/{entry}").content.decode()
    assert "not sealed yet" in waiting
    assert "leaked" in waiting
    assert "Nothing is sealed yet" in owner.get("/audit").content.decode()
    sealing.seal_logs()
    page = owner.get(f"/audit/{entry}").content.decode()
    proof = owner.get(f"/api/v1/audit/proof?entry=evt-{entry}").json()
    for said in (
        proof["leaf"],
        *proof["path"],
        proof["head"]["root"],
        f"/api/v1/audit/export?start={proof['index']}&amp;",
    ):
        assert said in page
    log = owner.get("/audit").content.decode()
    assert proof["head"]["root"] in log
    assert f'href="/audit/{entry}"' in log
    assert ">sealed</span>" in log
    assert owner.get(f"/audit/{entry + 1}").status_code == 404


def test_a_bill_with_its_proof_is_a_link_away_once_it_is_sealed(owner: sites.Site, seller: sites.Site):
    """In its first minutes a month has nothing sealed: a link would lead nowhere."""
    license_id = sold()
    row = billed("lease-1", "overage", "500.00")
    row.license_id = license_id
    row.save(force_insert=True)
    account = CrmAccount.objects.get()
    for_customer = ("/costs?period=2026-10", f"/api/v1/costs/evidence?period=2026-10&amp;vendor_id={cast.VECTOR.id}")
    for_vendor = (f"/billing/2026-10/{account.pk}", f"/billing/2026-10/{account.pk}/evidence.jsonl")
    for site, (path, link) in ((owner, for_customer), (seller, for_vendor)):
        page = site.get(path).content.decode()
        assert cast.DAVINCI.name in page
        assert link not in page
    rollup.close_month(OCTOBER)
    seal_charges()
    for site, (path, link) in ((owner, for_customer), (seller, for_vendor)):
        assert link in site.get(path).content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
def test_the_audit_log_is_for_administrators(role: Role, at_mercedes: Any):
    site = at_mercedes(role)
    assert site.get("/audit").status_code == 403
    assert b'href="/audit"' not in site.get("/").content
