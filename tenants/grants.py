"""Who may do what in the database: one list, applied by `manage.py prepare_database` after every migration.

Default: nothing. The owner (DATABASE_URL) owns every table and serves no request. The other roles:

- the login role serves the platform's own work in `public`: everything, but the ledger and the audit log only grow;
- the vendors' role sees, by row-level security, rows of the vendor named by `cloudlicenses.vendor`;
- a tenant's role has its schema, and of `public` what `TENANTS` lists, its own rows only.

Row-level security compares with `current_user` (tenants) or with a setting that no SQL function may change for that role
(vendors); see isolation.py for what is revoked, docs/decisions/0002 for what this guards against.
"""

from __future__ import annotations

from dataclasses import dataclass

READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
ALL = (READ, ADD, CHANGE, REMOVE)
GROWING_ONLY = (READ, ADD)


@dataclass(frozen=True, slots=True)
class Grant:
    """`rows` is an SQL condition on the rows that may be seen and written; `columns` narrows SELECT, `changing` UPDATE."""

    table: str
    rights: tuple[str, ...]
    rows: str
    columns: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()


OWN_TENANT = "tenant_id = cloudlicenses_tenant()"
VENDOR = "nullif(current_setting('cloudlicenses.vendor', true), '')"  # nobody in particular owns nothing, not what has no owner
OWN_VENDOR = f"vendor_id = {VENDOR}"

MAY_HOLD = ("is_held",)  # locking a row takes the right to change one of its columns: this one is never read

# What only grows, for the login role (public) and for tenants' roles (their schemas).
LOGS = ("audit_auditentry", "audit_treeleaf", "audit_treenode", "audit_treehead")
APPEND_ONLY_PUBLIC = ("billing_usagerecord", "billing_sealedcharges", *LOGS)
APPEND_ONLY_TENANT = LOGS

# Functions that a tenant's seat rule calls; they have no rights of their own and name no table.
FUNCTIONS_FOR_TENANTS = ("seat_decide", "seat_close", "seat_verdict", "seat_unjudged", "seat_lease_of", "seat_entry_of")

TENANTS = (
    Grant("tenants_tenant", (READ,), "id = cloudlicenses_tenant()",
          columns=("id", "schema_name", "company_name", "status", "plan", "region", "crm_id", "domain", "created_at")),
    Grant("billing_usagerecord", GROWING_ONLY, OWN_TENANT),
    Grant("audit_outbox", (ADD,), OWN_TENANT),
    Grant("tenants_sweepdue", (READ, ADD, CHANGE), OWN_TENANT),
    Grant("audit_sealdue", (READ, CHANGE), "source = cloudlicenses_tenant()", changing=("due_at",)),
    Grant("billing_statementline", (READ,), OWN_TENANT),
    Grant("billing_sealedcharges", (READ,), OWN_TENANT),
    Grant("vendors_usagehour", (READ,), OWN_TENANT),
    Grant("vendors_tenanthour", (READ,), OWN_TENANT),
    Grant("sealing_datakey", (READ, ADD, CHANGE), "owner = 'tenant:' || cloudlicenses_tenant()", changing=MAY_HOLD),
)  # fmt: skip

OWN_LOG = f"log = 'vendor/' || {VENDOR}"
OF_OWN_ACCOUNTS = f"id IN (SELECT tenant_id FROM vendors_crmaccount WHERE {OWN_VENDOR})"  # noqa: S608 - of constants

VENDORS = (
    Grant("vendors_vendor", (READ,), f"id = {VENDOR}"),
    Grant("vendors_product", (READ, ADD, CHANGE), OWN_VENDOR),
    Grant("vendors_crmaccount", (READ, ADD, CHANGE), OWN_VENDOR),
    Grant("vendors_issuedlicense", (READ, ADD, CHANGE), OWN_VENDOR),
    Grant("tenants_tenant", (READ,), OF_OWN_ACCOUNTS,
          columns=("id", "schema_name", "company_name", "status", "crm_id", "created_at", "verified_at", "is_provisioned")),
    Grant("keys_apikey", ALL, f"owner = {VENDOR}"),
    Grant("keys_signingkey", (READ, ADD, CHANGE), f"owner = {VENDOR}"),
    Grant("signing_signedproduct", (READ, ADD, CHANGE), OWN_VENDOR),
    Grant("signing_productsecret", (READ, ADD, CHANGE), OWN_VENDOR),
    Grant("billing_usagerecord", (READ,), OWN_VENDOR),
    Grant("vendors_usagehour", (READ,), OWN_VENDOR),
    Grant("vendors_vendorhour", (READ,), OWN_VENDOR),
    Grant("vendors_licenseweek", (READ,), OWN_VENDOR),
    Grant("billing_statementline", (READ,), OWN_VENDOR),
    Grant("billing_vendormonth", (READ,), OWN_VENDOR),
    Grant("billing_sealedcharges", (READ,), OWN_VENDOR),
    Grant("billing_invoice", (READ,), OWN_VENDOR),
    Grant("billing_webhookendpoint", ALL, OWN_VENDOR),
    Grant("billing_webhookdelivery", ALL, OWN_VENDOR),
    Grant("audit_auditentry", GROWING_ONLY, OWN_VENDOR),
    Grant("audit_treeleaf", (READ,), OWN_LOG),
    Grant("audit_treenode", (READ,), OWN_LOG),
    Grant("audit_treehead", (READ,), OWN_LOG),
    Grant("audit_outbox", (ADD,), OWN_VENDOR),
    Grant("sealing_datakey", (READ, ADD, CHANGE), f"owner = 'vendor:' || {VENDOR}", changing=MAY_HOLD),
    Grant("web_idempotentanswer", ALL, f"starts_with(caller, 'vendor:' || {VENDOR} || ':')"),
)  # fmt: skip
