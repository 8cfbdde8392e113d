"""A tenant with a past, written in bulk by the database itself: as many licenses and leases as a test or a measurement asks for.

The rows are those that stories would have written; that they agree with each other is what the pages' figures rest on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cloudlicenses.kit import clock
from tenants.context import inside, platform
from vendors import projection

LICENSES = """
    INSERT INTO licensing_license
        (id, vendor_id, vendor_name, product_id, product_name, version_constraint, features, status, total_licenses, commit_qty,
         max_overage, commit_fee_monthly, overage_per_use, currency, starts_at, ends_at, auto_renew, commit_in_use, overage_in_use,
         spent_month, spent, package, provisioned_at, revision)
    SELECT 'lic-' || lpad(n::text, 5, '0'), 'vendor-' || n %% 5, 'Vendor ' || n %% 5, 'product-' || n,
           'Product ' || lpad(n::text, 5, '0'), '', '{}', 'active', 20, 5, 15, 100, 10, 'EUR', %(start)s,
           %(start)s + interval '5 years', true, 0, 0,
           date_trunc('month', %(now)s::timestamptz AT TIME ZONE 'UTC')::date, 50, repeat('x', 2000), %(start)s, 1
      FROM generate_series(1, %(licenses)s) AS n
"""
# Working hours of working days, each lease two hours long; the last ones are still held.
LEASES = """
    INSERT INTO licensing_lease
        (id, license_id, lease_type, cost, currency, "user", hostname, key_id, fingerprint, version, features, ttl_seconds,
         is_offline, metadata, issued_at, expires_at, ended_at, ended_by)
    SELECT 'lease-' || n, 'lic-' || lpad((n %% %(licenses)s + 1)::text, 5, '0'), kind, CASE kind WHEN 'overage' THEN 10 ELSE 0 END,
           'EUR', 'user' || n %% 200 || '@example.com', 'ws-' || n %% 300 || '.example.com', 'key-1', '', '', '{}', 900,
           false, '{}', at, at + interval '2 hours', CASE WHEN n > %(held)s THEN at + interval '2 hours' END,
           CASE WHEN n > %(held)s THEN 'returned' ELSE '' END
      FROM (SELECT n, CASE WHEN n %% 4 = 0 THEN 'overage' ELSE 'commit' END AS kind,
                   CASE WHEN n > %(held)s THEN %(start)s + (n * (%(now)s - interval '3 hours' - %(start)s) / %(leases)s)
                        ELSE %(now)s - interval '1 minute' END AS at
              FROM generate_series(1, %(leases)s) AS n) AS drawn
"""
LEDGER = """
    INSERT INTO public.billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    SELECT lease.id, lease.issued_at, lease.lease_type, %(tenant)s, license.vendor_id, license.id, license.product_id, lease.cost,
           'EUR'
      FROM licensing_lease AS lease JOIN licensing_license AS license ON license.id = lease.license_id
"""
DENIALS = """
    INSERT INTO licensing_denial (product_id, license_id, code, "user", hostname, key_id, at)
    SELECT 'product-' || n %% %(licenses)s + 1, 'lic-' || lpad((n %% %(licenses)s + 1)::text, 5, '0'), 'max_overage_exceeded',
           'user' || n %% 50 || '@example.com', '', 'key-1', %(now)s - n * interval '7 minutes'
      FROM generate_series(1, %(denials)s) AS n
"""
AUDIT = """
    INSERT INTO audit_auditentry (event, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                  key_id, hostname, fingerprint, user_agent, request_id, at)
    SELECT 'license.checked_out', 'success', '', 'key', 'key-' || n %% 40, 'Workstation ' || n %% 40, 'lease', 'lease-' || n, '',
           'key-' || n %% 40, 'ws-' || n %% 300 || '.example.com', '', '', 'req-' || n,
           %(start)s + n * (%(now)s - %(start)s) / %(leases)s
      FROM generate_series(1, %(leases)s) AS n
"""
KEYS = """
    INSERT INTO keys_apikey (id, owner, secret_hash, hint, app_name, app_type, scopes, allowed_hostnames, allowed_ip_ranges,
                             allowed_products, require_mtls, client_cert_cn, metadata, created_at, created_by, replaced_by)
    SELECT 'key-' || n, %(tenant)s, md5(n::text), 'abcd', 'Workstation ' || n, 'desktop', '{license:checkout}', '{}', '{}',
           '{}', false, '', '{}', %(start)s, '', ''
      FROM generate_series(1, %(licenses)s) AS n
"""


LINES = """
    INSERT INTO billing_statementline (month, license_id, kind, unit_price, currency, vendor_id, tenant_id, product_id,
                                       quantity, seats, amount)
    SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, license_id, kind, amount, currency, vendor_id, tenant_id, product_id,
           count(*), 1, sum(amount)
      FROM billing_usagerecord
     WHERE tenant_id = %(tenant)s AND at < date_trunc('month', %(now)s, 'UTC') GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def write(tenant_id: str, *, licenses: int, leases: int, held: int = 0, denials: int = 0, days: int = 90) -> datetime:
    """Evenly over the last days, the first `held` leases still alive; all that the pages read. When it begins."""
    now = clock.now()
    start = now - timedelta(days=days)
    values: dict[str, Any] = {
        "tenant": tenant_id, "licenses": licenses, "leases": leases, "held": held, "denials": denials, "now": now, "start": start,
    }  # fmt: skip
    with inside(tenant_id), connection.cursor() as cursor:
        for statement in (LICENSES, LEASES, LEDGER, DENIALS, AUDIT, KEYS):
            cursor.execute(statement, values)
    with platform(), connection.cursor() as cursor:
        cursor.execute(LINES, values)
    projection.project(tenant_id)
    return start
