"""Closing a month of 5,000,000 ledger rows over 200 tenants, against the bare GROUP BY over the same rows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from benchmarks.rounds import Figures, goal, interleaved
from benchmarks.scene import Furniture, Scene

FURNITURE = Furniture(tenants=0)
ROWS = int(os.environ.get("LEDGER_ROWS", "5000000"))
TENANTS, LICENSES, VENDORS = 200, 1_000, 10
MONTH = date(2026, 1, 1)
SOLD = datetime(2025, 12, 1, tzinfo=UTC)
SLOWEST_SECONDS, MOST_OF_BARE = 2.0, 1.3

# As checkouts leave them: in the order of time, licenses mixed, one in three an overage at its license's price.
LEDGER = """
    INSERT INTO billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    SELECT 'lease-' || lpad(n::text, 20, '0'),
           %(month)s::timestamp AT TIME ZONE 'UTC' + n * (interval '31 days' / (%(rows)s + 1)),
           CASE WHEN n %% 3 = 0 THEN 'overage' ELSE 'commit' END, 'tenant-' || license %% %(tenants)s,
           'vendor-' || license %% %(vendors)s, 'lic-' || license, 'product-' || license %% %(vendors)s,
           CASE WHEN n %% 3 = 0 THEN 10 + license %% 7 ELSE 0 END, 'EUR'
      FROM generate_series(1, %(rows)s) AS n, LATERAL (SELECT (hashint4(n) & 1073741823) %% %(licenses)s) AS drawn (license)
"""
BARE = """
    SELECT license_id, kind, amount, currency, count(*), sum(amount) FROM billing_usagerecord
     WHERE at >= %(month)s::timestamp AT TIME ZONE 'UTC' AND at < (%(month)s::timestamp + interval '1 month') AT TIME ZONE 'UTC'
     GROUP BY license_id, kind, amount, currency
"""
REOPEN = """
    TRUNCATE billing_statementline, billing_invoice, billing_closedmonth CASCADE;
    DELETE FROM billing_usagerecord WHERE entry IN (SELECT 'fee-' || id || '-2026-01' FROM vendors_issuedlicense);
"""


def main(scene: Scene) -> bool:
    _sell()
    _fill_ledger()
    figures = interleaved({"closing": partial(_timed, _close), "GROUP BY": partial(_timed, _group)})
    for name, each in figures.items():
        print(f"        {name:<34} {each['seconds']:8.2f} s")
    closing, bare = (each["seconds"] for each in figures.values())
    return all([
        goal(f"closing a month of {ROWS:,} rows", closing, SLOWEST_SECONDS, at_least=False, unit=" s"),
        goal("of the bare GROUP BY", closing / bare, MOST_OF_BARE, at_least=False, unit=" ×"),
    ])  # fmt: skip


def _sell() -> None:
    """Vendors, a customer account for each pair of vendor and tenant that trade, and what was sold."""
    from vendors.models import CrmAccount, IssuedLicense, Product, Vendor

    Vendor.objects.bulk_create(
        Vendor(id=f"vendor-{n}", name=f"Vendor {n}", email="sales@bench.example", created_at=SOLD)
        for n in range(VENDORS)
    )
    Product.objects.bulk_create(
        Product(id=f"product-{n}", vendor_id=f"vendor-{n}", name=f"Product {n}", created_at=SOLD)
        for n in range(VENDORS)
    )
    accounts = {
        (n % VENDORS, n % TENANTS): CrmAccount(
            vendor_id=f"vendor-{n % VENDORS}", crm_account_id=f"ACC-{n % TENANTS}", tenant_id=f"tenant-{n % TENANTS}",
            customer_name=f"Customer {n % TENANTS}", created_at=SOLD,
        )
        for n in range(LICENSES)
    }  # fmt: skip
    CrmAccount.objects.bulk_create(accounts.values())
    IssuedLicense.objects.bulk_create(
        IssuedLicense(
            id=f"lic-{n}", vendor_id=f"vendor-{n % VENDORS}", account=accounts[n % VENDORS, n % TENANTS],
            product_id=f"product-{n % VENDORS}", tenant_id=f"tenant-{n % TENANTS}", crm_opportunity_id=f"OPP-{n}",
            total_licenses=100, commit_qty=50, max_overage=50, commit_fee_monthly=Decimal(1000),
            overage_per_use=Decimal(10 + n % 7), currency="EUR", start_date=SOLD.date(), end_date=date(2030, 12, 31),
            status="provisioned", created_at=SOLD, provisioned_at=SOLD,
        )
        for n in range(LICENSES)
    )  # fmt: skip


def _fill_ledger() -> None:
    from tenants.ownership import owner_connection

    sizes = {"month": MONTH, "rows": ROWS, "tenants": TENANTS, "licenses": LICENSES, "vendors": VENDORS}
    with owner_connection() as owner:
        owner.execute(LEDGER, sizes)
        owner.execute("VACUUM (ANALYZE) billing_usagerecord")
        owner.execute("CHECKPOINT")


def _timed(work: Callable[[], None]) -> Figures:
    _reopen()
    began = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - began}


def _close() -> None:
    from billing import rollup

    closing = rollup.close_month(MONTH)
    assert closing.is_final
    assert len(closing.invoices) == TENANTS


def _group() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BARE, {"month": MONTH})
        assert len(cursor.fetchall()) >= LICENSES


def _reopen() -> None:
    """As if the month had never been closed."""
    from tenants.ownership import owner_connection

    with owner_connection() as owner:
        owner.execute(REOPEN)
