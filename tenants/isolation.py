"""Isolation by the database: roles, rights, row-level security, and functions nobody needs.

`prepare(owner)` brings a database to the state that grants.py describes, from any state, as often as one likes. It runs on the
owner's connection, outside of Django. What it can't do for lack of rights (only a superuser may revoke built-in functions)
it returns as a list of sentences, each with the command that would mend it.
"""

from __future__ import annotations

import psycopg
from django.conf import settings
from psycopg import sql

from tenants import grants, roles

# Built-in functions that run text as SQL, change role or path, reach other databases or files, or carry things between
# tenants (large objects, notifications, advisory locks, signals to other backends). No request needs them.
REVOKED_FUNCTIONS = (
    "set_config", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema",
    "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema",
    "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
    "ts_stat", "ts_rewrite", "pg_notify", "pg_sleep", "pg_sleep_for", "pg_sleep_until", "pg_cancel_backend", "pg_terminate_backend",
    "lo_creat", "lo_create", "lo_from_bytea", "lo_get", "lo_put", "lo_open", "lo_close", "lo_unlink", "lo_lseek", "lo_lseek64",
    "lo_tell", "lo_tell64", "lo_truncate", "lo_truncate64", "loread", "lowrite", "lo_import", "lo_export",
    "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_all", "pg_advisory_unlock_shared",
    "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared",
    "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared", "pg_export_snapshot", "pg_logical_emit_message",
)  # fmt: skip

# Catalogues that would tell one tenant the names of the others.
REVOKED_CATALOGUES = (
    "pg_namespace", "pg_class", "pg_tables", "pg_views", "pg_indexes", "pg_sequences", "pg_roles", "pg_user", "pg_group",
    "pg_auth_members", "pg_database", "pg_stat_activity", "pg_stat_all_tables", "pg_stat_user_tables", "pg_statio_all_tables",
    "pg_stat_all_indexes", "pg_stats", "pg_policies", "pg_policy", "pg_locks", "pg_proc", "pg_prepared_statements",
    "pg_init_privs", "pg_default_acl", "pg_shdepend", "pg_db_role_setting", "pg_constraint", "pg_description",
)  # fmt: skip


def prepare(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Roles, rights and policies as grants.py says; sentences about what could not be done."""
    owner.execute("SELECT pg_advisory_lock(hashtext('cloudlicenses prepare'))")
    with owner.transaction():
        _make_roles(owner)
        _close_public(owner)
        _define_current_tenant(owner)
        _grant_login(owner)
        _grant_by_rows(owner, roles.tenants_group(), grants.TENANTS)
        _grant_by_rows(owner, roles.vendor_role(), grants.VENDORS)
    return _revoke_built_ins(owner)


def make_tenant_role(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    """The tenant's role, without login, in the tenants' group; our login role may act as it. Repeatable."""
    role = roles.tenant_role(tenant_id)
    _make_role(owner, role, "NOLOGIN")
    _run(owner, "GRANT {group} TO {role}", group=roles.tenants_group(), role=role)
    _run(owner, "GRANT {role} TO {login}", role=role, login=roles.login_role())


def grant_tenant_schema(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    """The tenant's role may use what is in its schema; it owns none of it. Repeatable, after every migration."""
    schema, role = roles.schema_of(tenant_id), roles.tenant_role(tenant_id)
    _run(owner, "GRANT USAGE ON SCHEMA {schema} TO {role}", schema=schema, role=role)
    _run(
        owner,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        schema=schema,
        role=role,
    )
    _run(owner, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}", schema=schema, role=role)
    _run(owner, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC", schema=schema)
    _run(owner, "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}", schema=schema, role=role)
    for table in grants.APPEND_ONLY_TENANT:
        _run(owner, "REVOKE UPDATE, DELETE ON {schema}.{table} FROM {role}", schema=schema, table=table, role=role)
    _run(owner, "REVOKE ALL ON {schema}.django_migrations FROM {role}", schema=schema, role=role)
    _run(owner, "GRANT USAGE ON SCHEMA {schema} TO {login}", schema=schema, login=roles.login_role())
    _run(owner, "GRANT SELECT ON {schema}.django_migrations TO {login}", schema=schema, login=roles.login_role())


def _make_roles(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    login = roles.login_role()
    _make_role(owner, login, "LOGIN NOINHERIT")
    owner.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(login), sql.Literal(settings.DATABASE_LOGIN["PASSWORD"])
        )
    )
    _run(owner, "ALTER ROLE {login} SET timezone = 'UTC'", login=login)
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


def _define_current_tenant(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """Which tenant the present role belongs to; null for every other role."""
    prefix = roles.tenant_role_prefix()
    owner.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION public.cloudlicenses_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN"
            " CASE WHEN starts_with(current_user::text, {prefix}) THEN substr(current_user::text, {length}) END"
        ).format(prefix=sql.Literal(prefix), length=sql.Literal(len(prefix) + 1))
    )
    for role in (roles.login_role(), roles.tenants_group(), roles.vendor_role()):
        _run(owner, "GRANT EXECUTE ON FUNCTION public.cloudlicenses_tenant() TO {role}", role=role)


def _grant_login(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    login = roles.login_role()
    _run(owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}", login=login)
    _run(owner, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {login}", login=login)
    for table in grants.APPEND_ONLY_PUBLIC:
        _run(owner, "REVOKE UPDATE, DELETE ON public.{table} FROM {login}", table=table, login=login)
    _run(owner, "REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {login}", login=login)
    for (partition,) in owner.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'").fetchall():
        _run(
            owner, "REVOKE ALL ON public.{table} FROM {login}", table=str(partition), login=login
        )  # by way of the parent only


def _grant_by_rows(owner: psycopg.Connection[tuple[object, ...]], role: str, listed: tuple[grants.Grant, ...]) -> None:
    for grant in listed:
        _secure_rows(owner, grant.table)
        columns = (
            sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, grant.columns)))
            if grant.columns
            else sql.SQL("")
        )
        rights = sql.SQL(", ").join(
            sql.SQL(right) + (columns if right == grants.READ else sql.SQL("")) for right in grant.rights
        )
        owner.execute(
            sql.SQL("GRANT {} ON public.{} TO {}").format(rights, sql.Identifier(grant.table), sql.Identifier(role))
        )
        policy = f"rows_of_{role}"
        _run(owner, "DROP POLICY IF EXISTS {policy} ON public.{table}", policy=policy, table=grant.table)
        _run(
            owner,
            "CREATE POLICY {policy} ON public.{table} TO {role} USING ("
            + grant.rows
            + ") WITH CHECK ("
            + grant.rows
            + ")",
            policy=policy,
            table=grant.table,
            role=role,
        )


def _secure_rows(owner: psycopg.Connection[tuple[object, ...]], table: str) -> None:
    """Row-level security on; our own login role sees all rows."""
    login = roles.login_role()
    policy = f"rows_of_{login}"
    _run(owner, "ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY", table=table)
    _run(owner, "DROP POLICY IF EXISTS {policy} ON public.{table}", policy=policy, table=table)
    _run(
        owner,
        "CREATE POLICY {policy} ON public.{table} TO {login} USING (true) WITH CHECK (true)",
        policy=policy,
        table=table,
        login=login,
    )


def _revoke_built_ins(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    login = roles.login_role()
    is_superuser = owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if is_superuser is None or not is_superuser[0]:
        return [
            "The database user of DATABASE_URL is no superuser, so built-in functions such as set_config could not be revoked: "
            "SQL injected into a statement could change its role. Run `manage.py prepare_database` once as a superuser."
        ]
    signatures = owner.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'pg_catalog' AND p.proname = ANY(%s)",
        [list(REVOKED_FUNCTIONS)],
    ).fetchall()
    with owner.transaction():
        for (signature,) in signatures:
            owner.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC".encode())
            owner.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(str(signature)), sql.Identifier(login))
            )
        for catalogue in REVOKED_CATALOGUES:
            _run(owner, "REVOKE SELECT ON pg_catalog.{table} FROM PUBLIC", table=catalogue)
            _run(owner, "GRANT SELECT ON pg_catalog.{table} TO {login}", table=catalogue, login=login)
    return []


def _run(owner: psycopg.Connection[tuple[object, ...]], statement: str, **names: str) -> None:
    """Run DDL with `names` put in as quoted identifiers."""
    quoted = {name: sql.Identifier(value) for name, value in names.items()}
    owner.execute(sql.SQL(statement).format(**quoted))
