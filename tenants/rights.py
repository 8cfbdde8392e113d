"""What a tenant's role may do in its own schema: asked for first, by an index; then only what is lacking is given, by name.

`GRANT … ON ALL TABLES IN SCHEMA` would read all catalogues several times over, which takes longer the more tenants there are, and
would change rows of them that every connection of the server then has to read anew.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from tenants import grants, roles

Owner = psycopg.Connection[tuple[object, ...]]

# pg_depend knows by an index what is in a schema; pg_class and pg_proc don't.
LACKING = """
    WITH held AS MATERIALIZED (
        SELECT classid, objid FROM pg_depend
        WHERE refclassid = 'pg_namespace'::regclass AND refobjid = (SELECT oid FROM pg_namespace WHERE nspname = %(schema)s)
    ), relation AS MATERIALIZED (
        SELECT c.oid, c.relkind, format('%%I.%%I', %(schema)s::text, c.relname) AS name,
               c.relname = ANY (%(append_only)s) AS grows_only, c.relname = 'django_migrations' AS is_record
        FROM held JOIN pg_class c ON c.oid = objid WHERE classid = 'pg_class'::regclass
    )
    SELECT 'table', name FROM relation WHERE relkind IN ('r', 'p') AND NOT is_record AND NOT grows_only
       AND NOT (has_table_privilege(%(role)s, oid, 'SELECT') AND has_table_privilege(%(role)s, oid, 'INSERT')
                AND has_table_privilege(%(role)s, oid, 'UPDATE') AND has_table_privilege(%(role)s, oid, 'DELETE'))
    UNION ALL
    SELECT 'growing table', name FROM relation WHERE relkind IN ('r', 'p') AND grows_only
       AND NOT (has_table_privilege(%(role)s, oid, 'SELECT') AND has_table_privilege(%(role)s, oid, 'INSERT')
                AND NOT has_table_privilege(%(role)s, oid, 'DELETE, TRUNCATE')
                AND NOT has_any_column_privilege(%(role)s, oid, 'UPDATE'))
    UNION ALL
    SELECT 'record', name FROM relation WHERE is_record
       AND (has_table_privilege(%(role)s, oid, 'SELECT, INSERT, UPDATE, DELETE')
            OR NOT has_table_privilege(%(login)s, oid, 'SELECT'))
    UNION ALL
    SELECT 'sequence', name FROM relation  -- a CASE keeps the order: the function raises for what is no sequence
    WHERE CASE relkind WHEN 'S' THEN NOT has_sequence_privilege(%(role)s, oid, 'USAGE') ELSE false END
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text FROM held JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass
       AND (has_function_privilege('public', p.oid, 'EXECUTE') OR NOT has_function_privilege(%(role)s, p.oid, 'EXECUTE'))
"""

GIVE = {
    "table": ("GRANT SELECT, INSERT, UPDATE, DELETE ON {names} TO {role}",),
    "growing table": (
        "GRANT SELECT, INSERT ON {names} TO {role}",
        "REVOKE UPDATE, DELETE, TRUNCATE ON {names} FROM {role}",
    ),
    "record": ("REVOKE ALL ON {names} FROM {role}", "GRANT SELECT ON {names} TO {login}"),
    "sequence": ("GRANT USAGE ON SEQUENCE {names} TO {role}",),
    "function": ("REVOKE EXECUTE ON FUNCTION {names} FROM PUBLIC", "GRANT EXECUTE ON FUNCTION {names} TO {role}"),
}


def give(owner: Owner, tenant_id: str) -> None:
    """The tenant's role may use what is in its schema; it owns none of it. Repeatable, after every migration."""
    schema, role, login = roles.schema_of(tenant_id), roles.tenant_role(tenant_id), roles.login_role()
    for visitor in (role, login):
        if not _may_enter(owner, visitor, schema):
            enter = sql.SQL("GRANT USAGE ON SCHEMA {} TO {}")
            owner.execute(enter.format(sql.Identifier(schema), sql.Identifier(visitor)))
    values = {"schema": schema, "role": role, "login": login, "append_only": list(grants.APPEND_ONLY_TENANT)}
    lacking: dict[str, list[sql.SQL]] = {}
    for kind, name in owner.execute(LACKING, values).fetchall():
        lacking.setdefault(str(kind), []).append(sql.SQL(str(name)))  # quoted by PostgreSQL itself
    for kind, names in lacking.items():
        for statement in GIVE[kind]:
            to = {"role": sql.Identifier(role), "login": sql.Identifier(login)}
            owner.execute(sql.SQL(statement).format(names=sql.SQL(", ").join(names), **to))


def _may_enter(owner: Owner, role: str, schema: str) -> bool:
    row = owner.execute("SELECT has_schema_privilege(%s, %s, 'USAGE')", [role, schema]).fetchone()
    return bool(row and row[0])
