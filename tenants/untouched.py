"""Whether roles and rights in `public` are as the last deploy left them, by this code: then the next one has nothing to do there.

Giving a right that is there already is a change to PostgreSQL: each connection hears of every table concerned, and looks through
all plans that it keeps. With a thousand tenants' on the connection that grants seats, nine hundred such messages held up
checkouts for seven seconds. So what came of a deploy is written down, with what it was made from, as a comment on a function that
belongs to it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from tenants import roles

Owner = psycopg.Connection[tuple[object, ...]]

MADE_FROM = tuple(Path(__file__).with_name(name) for name in ("isolation.py", "grants.py", "roles.py", "untouched.py"))
WRITTEN_ON = "public.cloudlicenses_tenant()"

# pg_depend knows by an index what is in a schema; pg_class and pg_proc don't.
STATE = """
    WITH held AS MATERIALIZED (
        SELECT classid, objid FROM pg_depend
        WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'public'::regnamespace AND deptype = 'n'
    ), part AS (
        SELECT inhrelid AS objid FROM pg_inherits JOIN held ON inhparent = objid WHERE classid = 'pg_class'::regclass
    ), relation AS MATERIALIZED (
        SELECT c.oid, c.relacl FROM pg_class c
        WHERE c.oid IN (SELECT objid FROM held WHERE classid = 'pg_class'::regclass UNION SELECT objid FROM part)
          AND NOT (relispartition AND relacl IS NULL)  -- a new month's, which nobody has been given rights to
    )
    SELECT format('table %%s %%s', oid::regclass, relacl) FROM relation
    UNION ALL SELECT format('column %%s %%s %%s', attrelid::regclass, attname, attacl)
              FROM relation JOIN pg_attribute ON attrelid = oid WHERE attacl IS NOT NULL
    UNION ALL SELECT format('function %%s %%s', p.oid::regprocedure, proacl)
              FROM held JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass
    UNION ALL SELECT pg_get_functiondef(to_regprocedure(%(written_on)s))
    UNION ALL SELECT format('schema %%s', nspacl) FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT format('database %%s', datacl) FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT format('role %%s %%s', rolname, rolcanlogin) FROM pg_roles WHERE rolname = ANY (%(roles)s)
    ORDER BY 1
"""


def is_so(owner: Owner) -> bool:
    row = owner.execute("SELECT obj_description(to_regprocedure(%s), 'pg_proc')", [WRITTEN_ON]).fetchone()
    return row is not None and row[0] == _digest(owner)


def note(owner: Owner) -> None:
    """That it is so from now on, if nobody changes it."""
    owner.execute(sql.SQL("COMMENT ON FUNCTION {} IS {}").format(sql.SQL(WRITTEN_ON), sql.Literal(_digest(owner))))


def _digest(owner: Owner) -> str:
    values = {
        "written_on": WRITTEN_ON,
        "roles": [roles.login_role(), roles.tenants_group(), roles.vendor_role()],
    }
    digest = hashlib.sha256()
    for file in MADE_FROM:
        digest.update(file.read_bytes())
    for (line,) in owner.execute(STATE, values).fetchall():
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
