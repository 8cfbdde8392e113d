"""SQL injected into a request on a tenant's host: PostgreSQL itself answers no.

Each attack goes the whole way: host, middleware, scope, a view that puts the text into its SQL, the database.
"""

from __future__ import annotations

import pytest

from billing.models import UsageRecord
from cloudlicenses.kit import clock
from licensing.models import License
from tenants import context, hosts
from tests import builders, cast
from tests.sites import Site

DENIED = "42501"
SYNTAX = "42601"
UNKNOWN = "42883"

# What is put between the quotes of `… WHERE product_id = '…'`, and PostgreSQL's answer.
INTO_A_VALUE = {
    "another tenant's table": ("' UNION SELECT id FROM tenant_bmw.licensing_license --", DENIED),
    "another tenant's keys": ("' UNION SELECT secret_hash FROM tenant_bmw.keys_apikey --", DENIED),
    "another tenant's sequence": ("' UNION SELECT nextval('tenant_bmw.audit_auditentry_id_seq')::text --", DENIED),
    "operators and vendor staff": ("' UNION SELECT email FROM public.accounts_user --", DENIED),
    "what vendors sold": ("' UNION SELECT id FROM vendors_issuedlicense --", DENIED),
    "vendors' signing keys": ("' UNION SELECT kid FROM public.keys_signingkey --", DENIED),
    "registrations": ("' UNION SELECT domain FROM tenants_registration --", DENIED),
    "a column of tenants not granted": ("' UNION SELECT admin_email FROM tenants_tenant --", DENIED),
    "every column of tenants": ("' UNION SELECT to_json(t)::text FROM tenants_tenant t --", DENIED),
    "a month of the ledger by itself": ("' UNION SELECT entry FROM billing_usagerecord_2026_01 --", DENIED),
    "the ledger's remaining partition": ("' UNION SELECT entry FROM billing_usagerecord_other --", DENIED),
    "what is being announced": ("' UNION SELECT event FROM audit_outbox --", DENIED),
    "another role": ("' UNION SELECT set_config('role', 'postgres', false) --", DENIED),
    "no role": ("' UNION SELECT set_config('role', 'none', true) --", DENIED),
    "another path": ("' UNION SELECT set_config('search_path', 'tenant_bmw', false) --", DENIED),
    "a vendor's eyes": ("' UNION SELECT set_config('cloudlicenses.vendor', 'vector-de', false) --", DENIED),
    "text as SQL, by XML": ("' UNION SELECT query_to_xml('RESET ROLE', true, true, '')::text --", DENIED),
    "a schema as XML": ("' UNION SELECT schema_to_xml('tenant_bmw', true, true, '')::text --", DENIED),
    "a table as XML": ("' UNION SELECT table_to_xml('tenant_bmw.keys_apikey', true, true, '')::text --", DENIED),
    "text as SQL, by words": ("' UNION SELECT word FROM ts_stat('SELECT ''a''::tsvector') --", DENIED),
    "text as SQL, by rewriting": ("' UNION SELECT ts_rewrite('a', 'SELECT ''a''::tsquery, ''b''::tsquery')::text --", DENIED),
    "another connection": ("' UNION SELECT dblink_connect('dbname=postgres') --", UNKNOWN),
    "a file": ("' UNION SELECT pg_read_file('/etc/passwd') --", DENIED),
    "a directory": ("' UNION SELECT pg_ls_dir('/') --", DENIED),
    "a file as large object": ("' UNION SELECT lo_import('/etc/passwd')::text --", DENIED),
    "a large object": ("' UNION SELECT lo_from_bytea(0, 'left for bmw')::text --", DENIED),
    "a message": ("' UNION SELECT pg_notify('bmw', 'hello')::text --", DENIED),
    "a lock for ever": ("' UNION SELECT pg_advisory_lock(1)::text --", DENIED),
    "a lock until commit": ("' UNION SELECT pg_try_advisory_xact_lock(1)::text --", DENIED),
    "sleep": ("' UNION SELECT pg_sleep(10)::text --", DENIED),
    "others' backends": ("' UNION SELECT pg_terminate_backend(1)::text --", DENIED),
    "the server's paths": ("' UNION SELECT current_setting('data_directory') --", DENIED),
    "names of schemas": ("' UNION SELECT nspname::text FROM pg_namespace --", DENIED),
    "names of schemas, by the standard": ("' UNION SELECT schema_name::text FROM information_schema.schemata --", DENIED),
    "names of tables": ("' UNION SELECT relname::text FROM pg_class --", DENIED),
    "names of roles": ("' UNION SELECT rolname::text FROM pg_roles --", DENIED),
    "others' statements": ("' UNION SELECT query FROM pg_stat_activity --", DENIED),
    "others' statements, by function": ("' UNION SELECT query FROM pg_stat_get_activity(NULL) --", DENIED),
    "passwords": ("' UNION SELECT passwd FROM pg_shadow --", DENIED),
    "samples of values": ("' UNION SELECT most_common_vals::text FROM pg_stats --", DENIED),
    "the size of another's table": ("' UNION SELECT pg_relation_size('tenant_bmw.licensing_lease')::text --", DENIED),
    "whether a schema is there": ("' UNION SELECT to_regnamespace('tenant_bmw')::text --", DENIED),
    "whether a right is there": ("' UNION SELECT has_schema_privilege('tenant_bmw', 'USAGE')::text --", DENIED),
    "a second statement": ("'; RESET ROLE --", SYNTAX),
    "a second and a third": ("'; RESET ROLE; SELECT id FROM tenant_bmw.licensing_license --", SYNTAX),
    "a second behind a comment": ("' /* */ ; /* */ SET ROLE none --", SYNTAX),
    "a second on a new line": ("'\n;\nDROP SCHEMA tenant_bmw CASCADE --", SYNTAX),
    "the end of the transaction": ("'; COMMIT; BEGIN; SET search_path = tenant_bmw --", SYNTAX),
    "bytes of another encoding": ("\u00bf'; RESET ROLE --", SYNTAX),
}  # fmt: skip

ROWS_OF_ONES_OWN = {
    "tenants": ("' UNION SELECT id FROM tenants_tenant --", ["mercedes"]),
    "the ledger": ("' UNION SELECT entry FROM billing_usagerecord --", ["lease-mercedes"]),
    "everything": ("' OR 1=1 --", ["lic-mercedes"]),
}

# Even whole statements: all of these are refused to the tenant's role.
WHOLE = {
    "a table": "CREATE TABLE loot (a text)",
    "a table of the session": "CREATE TEMPORARY TABLE loot (a text)",
    "a table from a query": "SELECT * INTO tenant_mercedes.loot FROM tenant_mercedes.licensing_license",
    "a schema": "CREATE SCHEMA loot",
    "an extension": "CREATE EXTENSION dblink",
    "a function": "CREATE FUNCTION loot() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    "a definer's function": "CREATE FUNCTION tenant_mercedes.x() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "a block": "DO $$ BEGIN EXECUTE 'RESET ROLE'; END $$",
    "a program": "COPY licensing_license TO PROGRAM 'cat > /dev/null'",
    "a file": "COPY licensing_license TO '/dev/null'",
    "another's rows, copied": "COPY tenant_bmw.licensing_license TO STDOUT",
    "another's plan": "EXPLAIN SELECT * FROM tenant_bmw.licensing_license",
    "another's rows, explained": "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM tenant_bmw.keys_apikey",
    "another's rows, deleted in passing": "WITH gone AS (DELETE FROM tenant_bmw.licensing_lease RETURNING 1) SELECT * FROM gone",
    "another's rows, changed": "UPDATE tenant_bmw.licensing_license SET commit_qty = 0",
    "another's table, locked": "LOCK TABLE tenant_bmw.licensing_license IN ACCESS EXCLUSIVE MODE",
    "another's table, dropped": "DROP TABLE tenant_bmw.licensing_license",
    "one's own table, changed": "ALTER TABLE licensing_license DISABLE TRIGGER ALL",
    "one's own table, emptied": "TRUNCATE licensing_license",
    "a trigger": "CREATE TRIGGER t BEFORE INSERT ON licensing_license EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a policy": "CREATE POLICY all_rows ON tenants_tenant USING (true)",
    "another's bill": "INSERT INTO billing_usagerecord VALUES ('x', now(), 'overage', 'bmw', 'v', 'l', 'p', 1, 'EUR')",
    "another's announcement": "INSERT INTO audit_outbox (event, tenant_id, vendor_id, entry_id) VALUES ('x', 'bmw', '', 1)",
    "a past bill": "UPDATE billing_usagerecord SET amount = 0",
    "a past bill, deleted": "DELETE FROM billing_usagerecord",
    "the past": "UPDATE audit_auditentry SET event = 'nothing.happened'",
    "the past, deleted": "DELETE FROM audit_auditentry",
    "the past, emptied": "TRUNCATE audit_auditentry",
    "which migrations were applied": "DELETE FROM tenant_mercedes.django_migrations",
    "a role": "CREATE ROLE loot",
    "a setting, by its view": "UPDATE pg_settings SET setting = 'none' WHERE name = 'role'",
    "a setting for everybody": "ALTER DATABASE template1 SET search_path = public",
    "a superuser's setting": "SET session_replication_role = replica",
}


@pytest.fixture(autouse=True)
def both_have_something(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hosts.URLCONFS, "tenant", "tests.isolation.injectable")
    for customer in cast.CUSTOMERS:
        with context.inside(customer.id):
            builders.granted(f"lic-{customer.id}")
            builders.tenant_key(customer.id)
        UsageRecord.objects.create(
            entry=f"lease-{customer.id}", at=clock.now(), kind="overage", tenant_id=customer.id, vendor_id=cast.VECTOR.id,
            license_id=f"lic-{customer.id}", product_id=cast.DAVINCI.id, amount=1, currency="EUR",
        )  # fmt: skip
    builders.issued("lic-of-bmw", tenant_id="bmw")


@pytest.mark.parametrize(("injected", "sqlstate"), INTO_A_VALUE.values(), ids=INTO_A_VALUE)
def test_what_is_injected_into_a_value_is_refused(mercedes_site: Site, injected: str, sqlstate: str) -> None:
    assert mercedes_site.get("/search", {"q": injected}).json() == {"refused": sqlstate}


@pytest.mark.parametrize(("injected", "rows"), ROWS_OF_ONES_OWN.values(), ids=ROWS_OF_ONES_OWN)
def test_in_shared_tables_only_rows_of_ones_own_are_there(mercedes_site: Site, injected: str, rows: list[str]) -> None:
    assert mercedes_site.get("/search", {"q": injected}).json() == {"rows": rows}


@pytest.mark.parametrize("statement", WHOLE.values(), ids=WHOLE)
def test_even_a_whole_statement_is_refused(mercedes_site: Site, statement: str) -> None:
    assert mercedes_site.get("/statement", {"q": statement}).json() == {"refused": DENIED}


def test_the_view_under_attack_works_at_all(mercedes_site: Site) -> None:
    assert mercedes_site.get("/search", {"q": cast.DAVINCI.id}).json() == {"rows": ["lic-mercedes"]}


def test_a_value_that_is_bound_is_only_a_value(mercedes: str) -> None:
    with context.inside(mercedes):
        assert not License.objects.filter(product_id="' OR 1=1; RESET ROLE --").exists()
