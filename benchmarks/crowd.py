"""What stands beside licenses: people, keys and webhooks of a big customer and a big vendor, and a platform of as many tenants.

The rows are those that stories would have written; the few that carry secrets are made by the stories themselves.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import acting_for, inside, platform

PEOPLE = """
    INSERT INTO accounts_user (email, name, role, vendor_id, is_active, created_at, password, language, time_zone)
    SELECT 'user' || n || '@' || %(place)s || '.example', 'User ' || n, %(role)s, %(vendor)s, true, %(now)s, 'x', '', ''
      FROM generate_series(1, %(people)s) AS n
"""
KEYS = """
    INSERT INTO keys_apikey (id, owner, secret_hash, hint, app_name, app_type, scopes, allowed_hostnames, allowed_ip_ranges,
                             allowed_products, require_mtls, client_cert_cn, metadata, created_at, created_by, replaced_by)
    SELECT 'vkey-' || n, %(vendor)s, md5('v' || n), 'abcd', 'CRM ' || n, 'server', '{vendor:read}', '{}', '{}',
           '{}', false, '', '{}', %(now)s, '', ''
      FROM generate_series(1, %(people)s) AS n
"""
DELIVERIES = """
    INSERT INTO billing_webhookdelivery (id, endpoint_id, vendor_id, message_id, event, body, status, attempts, next_try_at,
                                         delivered_at, last_status, last_problem, log, created_at)
    SELECT 'whd-' || n, %(endpoint)s, %(vendor)s, 'msg-' || n, 'license.provisioned', '{}',
           CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'delivered' END, 1, %(now)s, %(now)s, 200, '', '[]',
           %(now)s - n * interval '1 minute'
      FROM generate_series(1, %(rows)s) AS n
"""
TENANTS = """
    INSERT INTO tenants_tenant (id, schema_name, company_name, domain, country, tax_id, region, plan, crm_id, status, admin_email,
                                admin_name, created_at, verified_at, is_provisioned)
    SELECT 'company-' || n, 'never_made_' || n, 'Company ' || lpad(n::text, 5, '0'), 'company-' || n || '.example', 'DE', '',
           'eu-central', 'enterprise', 'CUST-C' || n, CASE WHEN n %% 10 = 0 THEN 'suspended' ELSE 'active' END,
           'admin@company-' || n || '.example', '', %(now)s - n * interval '1 hour', %(now)s, true
      FROM generate_series(1, %(tenants)s) AS n
"""
STEPS = """
    INSERT INTO tenants_onboardingstep (tenant_id, name, position, attempts, started_at, done_at, last_problem)
    SELECT 'company-' || n, step.name, step.position, 1, %(now)s, %(now)s, ''
      FROM generate_series(1, %(tenants)s) AS n, unnest(%(steps)s::text[]) WITH ORDINALITY AS step (name, position)
"""
REGISTRATIONS = """
    INSERT INTO tenants_registration (tenant_id, company_name, domain, country, tax_id, region, plan, admin_email, admin_name,
                                      token, status, created_at, expires_at, verified_by, looks, last_found, last_problem)
    SELECT 'waiting-' || n, 'Waiting ' || n, 'waiting-' || n || '.example', 'DE', '', 'eu-central', 'startup',
           'admin@waiting-' || n || '.example', '', 'token-' || n, 'pending_verification', %(now)s, %(now)s + interval '3 days', '',
           0, '[]', ''
      FROM generate_series(1, %(tenants)s) AS n
"""
VENDORS = """
    INSERT INTO vendors_vendor (id, name, email, status, auto_provisioning, created_at)
    SELECT 'vendor-' || n, 'Vendor ' || n, 'sales@vendor-' || n || '.example', 'active', true, %(now)s
      FROM generate_series(1, %(people)s) AS n
"""


def write(tenant_id: str, vendor_id: str, *, people: int, tenants: int, rows: int) -> dict[str, str]:
    """At the customer, at the vendor, on the platform; names of single rows, as addresses have them."""
    from tenants.provisioning import configured_steps

    values: dict[str, Any] = {
        "now": clock.now(), "people": people, "tenants": tenants, "rows": rows, "steps": [one.name for one in configured_steps()],
    }  # fmt: skip
    with inside(tenant_id):
        _run(values | {"place": tenant_id, "role": "viewer", "vendor": ""}, PEOPLE)
    at_vendor = values | {"place": vendor_id, "role": "sales", "vendor": vendor_id, "endpoint": _endpoint(vendor_id)}
    with platform():
        _run(at_vendor, PEOPLE, KEYS, DELIVERIES, TENANTS, STEPS, REGISTRATIONS, VENDORS)
    return {
        "webhook": at_vendor["endpoint"], "key": "vkey-1", "tenant": "company-1", "suspended": "company-10",
        "owner": _owner_of_a_key(), "signup": "waiting-1?token=token-1", "registration": str(_first_registration()),
    }  # fmt: skip


def _run(values: dict[str, Any], *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


def _endpoint(vendor_id: str) -> str:
    from billing.webhooks import endpoints

    with acting_for(vendor_id):
        return endpoints.add(
            vendor_id, url="https://hooks.seller.example/", listens_to=["license.provisioned"], actor=SYSTEM
        )[0].id


def _owner_of_a_key() -> str:
    from cloudlicenses.rotation import overview

    with platform():
        return overview.keys_in_use().order_by("owner")[0].owner


def _first_registration() -> int:
    from tenants.models import Registration

    with platform():
        return Registration.objects.get(tenant_id="waiting-1").pk
