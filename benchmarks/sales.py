"""A vendor with a past, written in bulk: as many customers, licenses and ledger rows as a measurement asks for.

All in `public`, where a vendor's records are; the rows are those that sales, checkouts, closings and projecting would have written.
The first customer is a tenant that there is; the others are names, for no page of a vendor enters more than one tenant.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from cloudlicenses.kit import clock
from tenants.context import platform
from vendors import summing
from vendors.models import CrmAccount

PRODUCTS = 50
VENDOR = """
    INSERT INTO vendors_vendor (id, name, email, status, auto_provisioning, created_at)
    VALUES (%(vendor)s, 'Seller AG', 'sales@seller.example', 'active', true, %(start)s)
"""
WARES = """
    INSERT INTO vendors_product (id, vendor_id, name, version_constraint, features, created_at)
    SELECT 'ware-' || n, %(vendor)s, 'Ware ' || lpad(n::text, 5, '0'), '', '{}', %(start)s
      FROM generate_series(1, %(products)s) AS n
"""
ACCOUNTS = """
    INSERT INTO vendors_crmaccount (vendor_id, crm_account_id, customer_name, tenant_id, contact_email, created_at)
    SELECT %(vendor)s, 'ACC-' || lpad(n::text, 5, '0'), 'Customer ' || lpad(n::text, 5, '0'),
           CASE n WHEN 1 THEN %(tenant)s ELSE 'customer-' || n END, '', %(start)s
      FROM generate_series(1, %(customers)s) AS n
"""
LICENSES = """
    INSERT INTO vendors_issuedlicense
        (id, vendor_id, account_id, product_id, tenant_id, crm_opportunity_id, request_digest, version_constraint, features,
         total_licenses, commit_qty, max_overage, commit_fee_monthly, overage_per_use, currency, start_date, end_date, auto_renew,
         billing_cycle, status, package, created_at, provisioned_at, revision)
    SELECT 'lic-sold-' || lpad(n::text, 5, '0'), %(vendor)s, account.id, 'ware-' || n %% %(products)s + 1, account.tenant_id,
           'SF-' || n, '', '', '{}', 20, 5, 15, 100, 10, 'EUR', %(start)s::date, %(start)s::date + 1825, true, 'monthly',
           'provisioned', repeat('x', 2000), %(start)s + n * interval '1 second', %(start)s, 1
      FROM generate_series(1, %(licenses)s) AS n
      JOIN vendors_crmaccount AS account
        ON account.vendor_id = %(vendor)s AND account.crm_account_id = 'ACC-' || lpad((n %% %(customers)s + 1)::text, 5, '0')
"""
CHECKOUTS = """
    INSERT INTO billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    SELECT 'sold-' || n, %(start)s + n * (%(now)s - %(start)s) / %(rows)s, CASE WHEN n %% 4 = 0 THEN 'overage' ELSE 'commit' END,
           license.tenant_id, license.vendor_id, license.id, license.product_id, CASE WHEN n %% 4 = 0 THEN 10 ELSE 0 END, 'EUR'
      FROM generate_series(1, %(rows)s) AS n
      JOIN vendors_issuedlicense AS license ON license.id = 'lic-sold-' || lpad((n %% %(licenses)s + 1)::text, 5, '0')
"""
FEES = """
    INSERT INTO billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency, seats)
    SELECT 'fee-' || license.id || '-' || to_char(month, 'YYYY-MM'), month AT TIME ZONE 'UTC', 'commit_fee', license.tenant_id,
           license.vendor_id, license.id, license.product_id, 100, 'EUR', 5
      FROM vendors_issuedlicense AS license,
           generate_series(
               date_trunc('month', %(start)s AT TIME ZONE 'UTC'), %(now)s AT TIME ZONE 'UTC', interval '1 month'
           ) AS month
     WHERE license.vendor_id = %(vendor)s
"""
HOURS = """
    INSERT INTO vendors_usagehour (license_id, hour, tenant_id, vendor_id, product_id, in_use, peak, peak_overage, seat_seconds,
                                   checkouts, overage_checkouts, denials, seat_denials)
    SELECT license_id, date_trunc('hour', at, 'UTC'), any_value(tenant_id), any_value(vendor_id), any_value(product_id), 1,
           count(*), count(*) FILTER (WHERE kind = 'overage'), count(*) * 1800, count(*),
           count(*) FILTER (WHERE kind = 'overage'), 1, 0
      FROM billing_usagerecord WHERE vendor_id = %(vendor)s AND kind <> 'commit_fee' GROUP BY 1, 2
"""
LINES = """
    INSERT INTO billing_statementline (month, license_id, kind, unit_price, currency, vendor_id, tenant_id, product_id,
                                       quantity, seats, amount)
    SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, license_id, kind, amount, currency, vendor_id, tenant_id, product_id,
           count(*), 5, sum(amount)
      FROM billing_usagerecord
     WHERE vendor_id = %(vendor)s AND at < date_trunc('month', %(now)s, 'UTC') GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
SUMS = """
    INSERT INTO billing_vendormonth (vendor_id, month, currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee)
    SELECT vendor_id, month, currency,
           coalesce(sum(quantity) FILTER (WHERE kind = 'commit'), 0), coalesce(sum(quantity) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0), coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0)
      FROM billing_statementline WHERE vendor_id = %(vendor)s GROUP BY 1, 2, 3
"""
CLOSED = """
    INSERT INTO billing_closedmonth (month, closed_at, is_final)
    SELECT date_trunc('month', month)::date, %(now)s, true
      FROM generate_series(
               %(now)s AT TIME ZONE 'UTC' - interval '2 years', %(now)s AT TIME ZONE 'UTC' - interval '1 month', interval '1 month'
           ) AS month
        ON CONFLICT (month) DO UPDATE SET is_final = true
"""
AUDIT = """
    INSERT INTO audit_auditentry (event, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                  key_id, hostname, fingerprint, user_agent, request_id, at)
    SELECT 'license.amended', 'success', '', 'user', 'sales@seller.example', 'Sales', 'license',
           'lic-sold-' || lpad((n %% %(licenses)s + 1)::text, 5, '0'), %(vendor)s, '', '', '', '', 'req-' || n,
           %(start)s + n * (%(now)s - %(start)s) / %(rows)s
      FROM generate_series(1, %(rows)s / 10) AS n
"""
STEPS = (VENDOR, WARES, ACCOUNTS, LICENSES, CHECKOUTS, FEES, HOURS, LINES, SUMS, CLOSED, AUDIT)


def write(vendor_id: str, tenant_id: str, *, licenses: int, rows: int, customers: int, days: int = 90) -> int:
    """Checkouts evenly over the last days, three of four prepaid; every month that is over is closed. The first customer's row."""
    now = clock.now()
    values: dict[str, Any] = {
        "vendor": vendor_id, "tenant": tenant_id, "licenses": licenses, "rows": rows, "now": now,
        "start": now - timedelta(days=days), "products": PRODUCTS, "customers": customers,
    }  # fmt: skip
    with platform(), connection.cursor() as cursor:
        for statement in STEPS:
            cursor.execute(statement, values)
        summing.recount(values["start"])
        return CrmAccount.objects.get(vendor_id=vendor_id, crm_account_id="ACC-00001").pk
