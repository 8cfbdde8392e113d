"""What the roles may reach, asked of the database itself: a new table is closed until tenants/grants.py says otherwise."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from tenants import grants, roles
from tenants.ownership import owner_connection
from tests import cast

Owner = psycopg.Connection[tuple[object, ...]]
SERVING = {
    "login": roles.login_role,
    "vendors": roles.vendor_role,
    "mercedes": lambda: roles.tenant_role(cast.MERCEDES.id),
}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
REACHED = """
    SELECT c.relname, r FROM pg_class c, unnest(%s::text[]) AS r
    WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (has_table_privilege(%s, c.oid, r)
           OR r IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(%s, c.oid, r))
"""


@pytest.fixture
def owner(committed: None):
    with owner_connection() as connection:
        yield connection


def reached(owner: Owner, role: str, schema: str = "public") -> set[tuple[object, ...]]:
    return set(owner.execute(REACHED, [list(RIGHTS), schema, role, role]).fetchall())


def listed(table_of_grants: tuple[grants.Grant, ...]) -> set[tuple[object, ...]]:
    return {(grant.table, right) for grant in table_of_grants for right in grant.rights}


def test_tenants_reach_in_public_what_is_listed_and_nothing_else(owner: Owner) -> None:
    for customer in cast.CUSTOMERS:
        assert reached(owner, roles.tenant_role(customer.id)) == listed(grants.TENANTS)


def test_vendors_reach_in_public_what_is_listed_and_nothing_else(owner: Owner) -> None:
    assert reached(owner, roles.vendor_role()) == listed(grants.VENDORS)


def test_columns_not_listed_are_not_readable(owner: Owner) -> None:
    for role, table_of_grants in ((roles.tenants_group(), grants.TENANTS), (roles.vendor_role(), grants.VENDORS)):
        for grant in filter(lambda grant: grant.columns, table_of_grants):
            readable = owner.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND has_column_privilege(%s, attrelid, attnum, 'SELECT')",
                [grant.table, role],
            ).fetchall()
            assert {row[0] for row in readable} == set(grant.columns)


@pytest.mark.parametrize("role", SERVING)
def test_nobody_who_serves_reaches_another_tenants_schema(owner: Owner, role: str) -> None:
    """The login role may ask which migrations a schema has had; everything else it does as the tenant."""
    found = reached(owner, SERVING[role](), roles.schema_of(cast.BMW.id))
    assert found == ({("django_migrations", "SELECT")} if role == "login" else set())


@pytest.mark.parametrize("role", SERVING)
def test_nobody_who_serves_owns_anything_or_may_make_anything(owner: Owner, role: str) -> None:
    name = SERVING[role]()
    owned = owner.execute("SELECT count(*) FROM pg_shdepend WHERE refobjid = %s::regrole AND deptype = 'o'", [name])
    assert owned.fetchone() == (0,)
    for schema in ("public", roles.schema_of(cast.MERCEDES.id)):
        assert owner.execute("SELECT has_schema_privilege(%s, %s, 'CREATE')", [name, schema]).fetchone() == (False,)
    for right in ("CREATE", "TEMPORARY"):
        assert owner.execute("SELECT has_database_privilege(%s, current_database(), %s)", [name, right]).fetchone() == (
            False,
        )
    power = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR rolinherit AND rolcanlogin"
    assert owner.execute(power + " FROM pg_roles WHERE rolname = %s", [name]).fetchone() == (False,)


def test_every_shared_table_has_row_level_security(owner: Owner) -> None:
    tables = {grant.table for grant in (*grants.TENANTS, *grants.VENDORS)}
    secured = owner.execute(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
    )
    assert tables <= {row[0] for row in secured.fetchall()}


@pytest.mark.parametrize("role", SERVING)
def test_what_only_grows_only_grows_for_everybody(owner: Owner, role: str) -> None:
    """Also by way of a partition, where rights and policies of the parent don't count."""
    name = SERVING[role]()
    in_public = set(grants.APPEND_ONLY_PUBLIC)
    partitions = {row[0] for row in owner.execute("SELECT relname FROM pg_class WHERE relispartition").fetchall()}
    assert not {(table, right) for table, right in reached(owner, name) if table in partitions}
    spoiling = {"UPDATE", "DELETE", "TRUNCATE"}
    assert not {(table, right) for table, right in reached(owner, name) if table in in_public and right in spoiling}
    of_mercedes = reached(owner, name, roles.schema_of(cast.MERCEDES.id))
    assert not {
        (table, right) for table, right in of_mercedes if table in grants.APPEND_ONLY_TENANT and right in spoiling
    }


def test_functions_of_ours_that_tenants_may_call(owner: Owner) -> None:
    """Each is listed here, so that a new one is looked at; none runs as anybody but its caller."""
    found = owner.execute(
        "SELECT n.nspname || '.' || p.proname, p.prosecdef FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_function_privilege(%s, p.oid, 'EXECUTE')"
        " AND has_schema_privilege(%s, n.oid, 'USAGE')",
        [roles.tenant_role(cast.MERCEDES.id)] * 2,
    ).fetchall()
    assert {str(name) for name, _ in found if not str(name).startswith("tenant_mercedes.")} == {
        "public.cloudlicenses_tenant",
        *(f"public.{name}" for name in grants.FUNCTIONS_FOR_TENANTS),
    }
    assert not any(is_definer for _, is_definer in found)


@pytest.mark.parametrize("role", ["vendors", "mercedes"])
def test_built_in_functions_that_do_something_are_closed_but_for_those_listed(owner: Owner, role: str) -> None:
    left = owner.execute(
        "SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v'"
        " AND has_function_privilege(%s, oid, 'EXECUTE') AND 'internal'::regtype <> ALL (proargtypes)"
        " AND prorettype <> ALL ('{trigger,internal}'::regtype[])",
        [SERVING[role]()],
    ).fetchall()
    assert {row[0] for row in left} == {
        "array_sample", "array_shuffle", "clock_timestamp", "currval", "gen_random_uuid", "lastval", "nextval", "random",
        "random_normal", "setseed", "timeofday", "uuidv4", "uuidv7",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["vendors", "mercedes"])
def test_no_catalogue_is_readable(owner: Owner, role: str) -> None:
    for schema in ("pg_catalog", "information_schema"):
        assert reached(owner, SERVING[role](), schema) == set()


def test_no_foreign_key_crosses_schemas(owner: Owner) -> None:
    crossing = owner.execute(
        "SELECT conname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid"
        " WHERE k.contype = 'f' AND a.relnamespace <> b.relnamespace"
    )
    assert crossing.fetchall() == []


def test_a_sequence_of_another_tenant_is_out_of_reach_even_by_number(owner: Owner) -> None:
    """By its number a sequence needs no path and no schema; its own rights still hold."""
    row = owner.execute("SELECT 'tenant_bmw.audit_auditentry_id_seq'::regclass::oid").fetchone()
    assert row is not None
    owner.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(roles.tenant_role(cast.MERCEDES.id))))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("SELECT nextval(%s::oid::regclass)", row)
