"""Vendors share tables; row-level security keeps each to its own rows, whatever the SQL says."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants import context, grants, hosts, roles
from tests import builders, cast
from tests.sites import Site

DENIED = "42501"
BOTH = (cast.VECTOR.id, cast.GREENHILLS.id)
INSERTS = {
    "vendors_vendor": "",  # the cast's
    "vendors_product": "",
    "vendors_crmaccount": "",  # made with the license
    "vendors_issuedlicense": "",
    "tenants_tenant": "",  # the cast's, linked by the account
    "keys_apikey": "",
    "keys_signingkey": "INSERT INTO keys_signingkey VALUES ('kid-' || %(v)s, %(v)s, 'EdDSA', '', '', now(), NULL)",
    "billing_usagerecord": "INSERT INTO billing_usagerecord"
    " VALUES ('e-' || %(v)s, now(), 'overage', %(t)s, %(v)s, 'l', 'p', 1, 'EUR')",
    "audit_auditentry": "INSERT INTO audit_auditentry (event, result, code, actor_kind, actor_id, actor_label, subject_kind,"
    " subject_id, vendor_id, key_id, hostname, fingerprint, user_agent, request_id)"
    " VALUES ('a.b', 'success', '', 'system', '', '', '', '', %(v)s, '', '', '', '', '')",
    "billing_webhookendpoint": "INSERT INTO billing_webhookendpoint"
    " (id, vendor_id, url, events, sealed_secret, is_active, created_at)"
    " VALUES ('w-' || %(v)s, %(v)s, 'https://x.example', '{}', '', true, now())",
}  # fmt: skip


@pytest.fixture(autouse=True)
def both_have_something(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hosts.URLCONFS, "vendors", "tests.isolation.injectable")
    for product, tenant_id in ((cast.DAVINCI, cast.MERCEDES.id), (cast.MULTI, cast.BMW.id)):
        builders.issued(f"lic-{product.vendor_id}", product=product, tenant_id=tenant_id)
        builders.vendor_key(product.vendor_id)
        with connection.cursor() as cursor:
            for statement in filter(None, INSERTS.values()):
                cursor.execute(statement, {"v": product.vendor_id, "t": tenant_id})
    events.record("platform.started", actor=SYSTEM)  # of no vendor


@pytest.mark.parametrize("table", INSERTS)
def test_each_vendor_sees_exactly_its_own_rows(table: str) -> None:
    """There is a row of each; each sees one, and never the other's."""
    grant = next(grant for grant in grants.VENDORS if grant.table == table)
    columns = ", ".join(grant.columns) or "*"
    seen = [_rows(vendor, f"SELECT {columns} FROM {table}") for vendor in BOTH]
    assert [len(rows) for rows in seen] == [1, 1]
    assert not seen[0] & seen[1]


@pytest.mark.parametrize("grant", grants.VENDORS, ids=lambda grant: grant.table)
def test_nobody_in_particular_sees_nothing(grant: grants.Grant) -> None:
    if grants.READ in grant.rights:
        assert _rows("", f"SELECT {', '.join(grant.columns) or '*'} FROM {grant.table}") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vendors_product SET vendor_id = 'greenhills'",
        "UPDATE vendors_issuedlicense SET vendor_id = 'greenhills'",
        "INSERT INTO vendors_product VALUES ('mine', 'x', '', '{}', now(), 'greenhills')",
        "UPDATE billing_webhookendpoint SET vendor_id = 'greenhills'",
        "UPDATE billing_usagerecord SET amount = 0",
        "DELETE FROM billing_usagerecord",
        "DELETE FROM audit_auditentry",
        "UPDATE vendors_vendor SET name = 'x'",
        "UPDATE tenants_tenant SET status = 'suspended'",
        "SELECT admin_email FROM tenants_tenant",
        "SELECT * FROM tenants_tenant",
        "SELECT * FROM tenant_mercedes.licensing_license",
        "SELECT * FROM public.accounts_user",
        "SELECT * FROM tenants_registration",
        "SELECT * FROM billing_usagerecord_2026_01",
        "SELECT set_config('cloudlicenses.vendor', 'greenhills', false)",
        "SELECT set_config('role', 'none', false)",
        "CREATE TABLE loot (a text)",
        "DO $$ BEGIN PERFORM 1; END $$",
    ],
)  # fmt: skip
def test_a_vendor_is_refused_what_is_not_its_own(statement: str) -> None:
    with context.acting_for(cast.VECTOR.id), pytest.raises(DatabaseError) as refused, transaction.atomic():
        _execute(statement)
    assert refused.value.__cause__.sqlstate == DENIED


@pytest.mark.parametrize(
    "statement", ["UPDATE vendors_product SET name = 'x' WHERE id = 'multi-ide'", "DELETE FROM keys_apikey"]
)
def test_what_a_vendor_writes_reaches_its_own_rows_only(statement: str) -> None:
    before = (
        _rows(cast.GREENHILLS.id, "SELECT id, name FROM vendors_product"),
        _rows(cast.GREENHILLS.id, "SELECT id FROM keys_apikey"),
    )
    with context.acting_for(cast.VECTOR.id):
        _execute(statement)
    after = (
        _rows(cast.GREENHILLS.id, "SELECT id, name FROM vendors_product"),
        _rows(cast.GREENHILLS.id, "SELECT id FROM keys_apikey"),
    )
    assert before == after


@pytest.mark.parametrize(
    ("injected", "answer"),
    [
        ("' OR 1=1 --", {"rows": [cast.DAVINCI.id]}),
        ("' UNION SELECT id FROM vendors_vendor --", {"rows": [cast.VECTOR.id]}),
        ("' UNION SELECT set_config('cloudlicenses.vendor', 'greenhills', false) --", {"refused": DENIED}),
        ("'; SET cloudlicenses.vendor = 'greenhills' --", {"refused": "42601"}),
        ("' UNION SELECT id FROM tenant_mercedes.licensing_license --", {"refused": DENIED}),
    ],
)  # fmt: skip
def test_an_injection_on_the_vendors_host_gains_nothing(
    vendor_site: Site, injected: str, answer: dict[str, object]
) -> None:
    assert vendor_site.get("/vendor-search", {"q": injected, "vendor": cast.VECTOR.id}).json() == answer


def test_a_percent_sign_in_a_callers_name_is_no_wildcard() -> None:
    with connection.cursor() as cursor:
        for vendor in BOTH:
            cursor.execute(
                "INSERT INTO web_idempotentanswer (caller, key, request_digest, created_at) VALUES (%s, 'k', '', %s)",
                [f"vendor:{vendor}:key-1", clock.now()],
            )
    assert _rows("%", "SELECT caller FROM web_idempotentanswer") == set()
    assert _rows(cast.VECTOR.id, "SELECT caller FROM web_idempotentanswer") == {("vendor:vector-de:key-1",)}


def _rows(vendor: str, statement: str) -> set[tuple[str, ...]]:
    scope = context.Scope(schema_name="public", role=roles.vendor_role(), vendor_id=vendor)
    with context.scoped(scope), connection.cursor() as cursor:
        cursor.execute(statement)
        return {tuple(map(str, row)) for row in cursor.fetchall()}


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
