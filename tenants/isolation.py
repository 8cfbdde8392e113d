"""Isolation by the database: roles, rights, row-level security; and PostgreSQL's own functions and catalogues closed.

`prepare` brings a database to the state that grants.py describes, from any state, as often as one likes. It runs on the
owner's connection, outside of Django. What it can't do for lack of rights (only a superuser may revoke built-in functions)
it returns as a list of sentences, each with the command that would mend it.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from django.conf import settings
from psycopg import sql

from tenants import catalogue, grants, policies, roles, untouched


def prepare(owner: psycopg.Connection[tuple[object, ...]], say: Callable[[str], None]) -> list[str]:
    """Roles, policies and rights as grants.py says; sentences about what could not be done. `say` hears what takes its time."""
    owner.execute("SELECT pg_advisory_lock(hashtext('cloudlicenses prepare'))")
    with owner.transaction():
        _make_roles(owner)
    is_as_left = untouched.is_so(owner)
    if not is_as_left:
        _define_current_tenant(owner)
    policies.keep(owner, say)  # before the rights: no row is seen by way of a right without its policy
    if not is_as_left:
        with owner.transaction():
            _close_public(owner)
            _grant_login(owner)
            _grant_listed(owner, roles.tenants_group(), grants.TENANTS)
            _grant_listed(owner, roles.vendor_role(), grants.VENDORS)
            untouched.note(owner)
    return catalogue.close(owner, still_open_to=[roles.login_role()])


def make_tenant_role(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    """The tenant's role, without login, in the tenants' group; our login role may act as it. Repeatable."""
    group, role, login = roles.tenants_group(), roles.tenant_role(tenant_id), roles.login_role()
    _make_role(owner, role, "NOLOGIN")
    _run(owner, "GRANT {group} TO {role}", group=group, role=role)
    _run(owner, "GRANT {role} TO {login}", role=role, login=login)


# Tenants whose role is missing (a backup restored elsewhere brings none) or hasn't exactly the rights that
# `rights.give` gives. Catalogues are read once, not once a tenant.
UNSECURED = """
    WITH tenant AS MATERIALIZED (
        SELECT t.id, n.oid AS schema, r.oid AS role FROM public.tenants_tenant t
        JOIN pg_namespace n ON n.nspname = t.schema_name LEFT JOIN pg_roles r ON r.rolname = %(prefix)s || t.id
    )
    SELECT id FROM tenant
    WHERE role IS NULL OR NOT pg_has_role(%(login)s, role, 'MEMBER') OR NOT has_schema_privilege(role, schema, 'USAGE')
    UNION
    SELECT id FROM tenant JOIN pg_class c ON c.relnamespace = schema
    WHERE c.relkind IN ('r', 'p') AND c.relname <> 'django_migrations' AND NOT has_table_privilege(role, c.oid, 'SELECT')
       OR c.relkind = 'S' AND NOT has_sequence_privilege(role, c.oid, 'USAGE')
       OR c.relname = ANY (%(append_only)s)
          AND (has_table_privilege(role, c.oid, 'DELETE, TRUNCATE') OR has_any_column_privilege(role, c.oid, 'UPDATE'))
    UNION
    SELECT id FROM tenant JOIN pg_proc p ON p.pronamespace = schema WHERE NOT has_function_privilege(role, p.oid, 'EXECUTE')
    ORDER BY id
"""


def unsecured_tenants(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Whose role or rights have to be made (again): one query for all of them."""
    values = {
        "prefix": roles.tenant_role_prefix(),
        "login": roles.login_role(),
        "append_only": list(grants.APPEND_ONLY_TENANT),
    }
    return [str(row[0]) for row in owner.execute(UNSECURED, values).fetchall()]


def _make_roles(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    login = roles.login_role()
    _make_role(owner, login, "LOGIN NOINHERIT")
    owner.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(login), sql.Literal(settings.DATABASE_LOGIN["PASSWORD"])
        )
    )
    _run(owner, "ALTER ROLE {login} SET timezone = 'UTC'", login=login)
    _run(owner, f"ALTER ROLE {{login}} SET statement_timeout = '{settings.STATEMENT_SECONDS}s'", login=login)
    for role in (roles.tenants_group(), roles.vendor_role()):
        _make_role(owner, role, "NOLOGIN")
    _run(owner, "GRANT {vendor} TO {login}", vendor=roles.vendor_role(), login=login)


def _make_role(owner: psycopg.Connection[tuple[object, ...]], role: str, options: str) -> None:
    if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        _run(owner, "CREATE ROLE {role} " + options, role=role)


def _close_public(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    _run(owner, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    _run(owner, "REVOKE TEMPORARY, CREATE ON DATABASE {db} FROM PUBLIC", db=str(settings.DATABASES["default"]["NAME"]))
    _run(owner, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
    for role in (roles.login_role(), roles.tenants_group(), roles.vendor_role()):
        _run(owner, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", role=role)
        _run(owner, "GRANT USAGE ON SCHEMA public TO {role}", role=role)
        _run(owner, "GRANT EXECUTE ON FUNCTION public.cloudlicenses_tenant() TO {role}", role=role)
    for function in grants.FUNCTIONS_FOR_TENANTS:
        _run(
            owner,
            "GRANT EXECUTE ON FUNCTION public.{function} TO {group}",
            function=function,
            group=roles.tenants_group(),
        )


def _define_current_tenant(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """Which tenant the present role belongs to; null for every other role."""
    prefix = roles.tenant_role_prefix()
    owner.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION public.cloudlicenses_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN"
            " CASE WHEN starts_with(current_user::text, {prefix}) THEN substr(current_user::text, {length}) END"
        ).format(prefix=sql.Literal(prefix), length=sql.Literal(len(prefix) + 1))
    )


def _grant_login(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    login = roles.login_role()
    _run(owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}", login=login)
    _run(owner, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {login}", login=login)
    for table in grants.APPEND_ONLY_PUBLIC:
        _run(owner, "REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM {login}", table=table, login=login)
    _run(owner, "REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {login}", login=login)
    for (partition,) in owner.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'").fetchall():
        _run(
            owner, "REVOKE ALL ON public.{table} FROM {login}", table=str(partition), login=login
        )  # by way of the parent only


def _grant_listed(owner: psycopg.Connection[tuple[object, ...]], role: str, listed: tuple[grants.Grant, ...]) -> None:
    for grant in listed:
        narrowed = {grants.READ: grant.columns, grants.CHANGE: grant.changing}
        rights = sql.SQL(", ").join(
            sql.SQL(right) + _only(narrowed[right]) if narrowed.get(right) else sql.SQL(right) for right in grant.rights
        )
        owner.execute(
            sql.SQL("GRANT {} ON public.{} TO {}").format(rights, sql.Identifier(grant.table), sql.Identifier(role))
        )


def _only(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))


def _run(owner: psycopg.Connection[tuple[object, ...]], statement: str, **names: str) -> None:
    """Run DDL with `names` put in as quoted identifiers."""
    quoted = {name: sql.Identifier(value) for name, value in names.items()}
    owner.execute(sql.SQL(statement).format(**quoted))
