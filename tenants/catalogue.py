"""Closing PostgreSQL's own functions and catalogues to the roles that serve tenants and vendors.

Everybody may execute nearly every built-in function and read nearly every catalogue. Among the functions are some that run
text as SQL, change role or path, take locks for ever, reach files, other backends or other databases, or say whether
somebody else's schema exists; the catalogues name every tenant. So the rule is turned round: of the functions that do
something or ask about the database, only those listed here stay open; of the catalogues, none.

Only a superuser can do this. It is done in this database alone.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

Owner = psycopg.Connection[tuple[object, ...]]

# Volatile, or asking about the database, and yet harmless and of use to a story.
OPEN_FUNCTIONS = (
    "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "lastval",
    "random", "random_normal", "setseed", "array_sample", "array_shuffle",
    "pg_typeof", "pg_column_size", "pg_size_pretty", "pg_size_bytes", "pg_collation_for", "pg_client_encoding", "pg_trigger_depth",
    "pg_current_xact_id", "pg_current_xact_id_if_assigned", "pg_current_snapshot",
    "pg_snapshot_xmin", "pg_snapshot_xmax", "pg_snapshot_xip", "pg_visible_in_snapshot",
)  # fmt: skip

# Functions with an argument or a result of type `internal`, trigger functions and the like can't be called from SQL at all.
CLOSED_FUNCTIONS = r"""
    SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'pg_catalog' AND p.prokind = 'f' AND p.proname <> ALL (%s)
      AND has_function_privilege('public', p.oid, 'EXECUTE')
      AND 'internal'::regtype <> ALL (p.proargtypes) AND p.prorettype <> ALL ('{internal,trigger,event_trigger}'::regtype[])
      AND p.oid NOT IN (SELECT oprcode FROM pg_operator)
      AND (p.provolatile = 'v' OR p.proname ~ '^(pg_|to_reg|has_|row_security|ts_stat|ts_rewrite|lo_|txid_)|_to_xml|description$')
"""

OPEN_CATALOGUES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
      AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE')  -- pg_settings can be updated: it is set_config
"""

# pg_subscription is open by column: a right on the table doesn't cover those.
OPEN_COLUMNS = """
    SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND has_column_privilege('public', a.attrelid, a.attnum, 'SELECT') AND NOT has_table_privilege('public', a.attrelid, 'SELECT')
"""


def close(owner: Owner, *, still_open_to: list[str]) -> list[str]:
    """Take from everybody what is not listed; give it to the roles named. Sentences about what could not be done."""
    is_superuser = owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if is_superuser is None or not is_superuser[0]:
        return _warnings(owner)
    keepers = sql.SQL(", ").join(map(sql.Identifier, [*still_open_to, _database_owner(owner)]))
    functions = [sql.SQL(str(row[0])) for row in owner.execute(CLOSED_FUNCTIONS, [list(OPEN_FUNCTIONS)]).fetchall()]
    catalogues = [sql.Identifier(str(schema), str(name)) for schema, name in owner.execute(OPEN_CATALOGUES).fetchall()]
    with owner.transaction():
        for right, kind, things in (("EXECUTE", "FUNCTION", functions), ("SELECT", "TABLE", catalogues)):
            if things:
                names = sql.SQL(kind) + sql.SQL(" ") + sql.SQL(", ").join(things)
                owner.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(right), names, keepers))
                owner.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(names))
        owner.execute(
            sql.SQL("GRANT USAGE ON LANGUAGE sql, plpgsql TO {}").format(sql.Identifier(_database_owner(owner)))
        )
        owner.execute("REVOKE USAGE ON LANGUAGE sql, plpgsql FROM PUBLIC")  # no DO blocks, no functions of one's own
        for table, column in owner.execute(OPEN_COLUMNS).fetchall():
            revoke = sql.SQL("REVOKE SELECT ({}) ON {} FROM PUBLIC")
            owner.execute(revoke.format(sql.Identifier(str(column)), sql.SQL(str(table))))
    return []


def _warnings(owner: Owner) -> list[str]:
    """None when a superuser has closed everything before, and nothing was added since."""
    is_open = owner.execute(CLOSED_FUNCTIONS, [list(OPEN_FUNCTIONS)]).fetchone()
    if not is_open and not owner.execute(OPEN_CATALOGUES).fetchone():
        return []
    return [
        "The database user of DATABASE_URL is no superuser, so built-in functions such as set_config could not be closed: "
        "SQL injected into a statement could change its role. Run `manage.py close_catalogue` once with a superuser's DATABASE_URL."
    ]


def _database_owner(owner: Owner) -> str:
    """Migrates, so it has to see the catalogues, also when it is no superuser."""
    row = owner.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()").fetchone()
    return str(row[0]) if row else ""
