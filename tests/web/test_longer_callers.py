"""Widening the callers of kept answers, as a deploy does it to a database that is guarded already."""

from __future__ import annotations

from importlib import import_module

from tenants.ownership import owner_connection

GUARDS = """
    SELECT polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), polroles::regrole[]::text,
           obj_description(oid, 'pg_policy')
      FROM pg_policy WHERE polrelid = 'public.web_idempotentanswer'::regclass ORDER BY polname
"""
WIDTH = """
    SELECT character_maximum_length FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = 'web_idempotentanswer' AND column_name = 'caller'
"""


def test_the_guards_of_kept_answers_come_back_as_they_were(committed: None) -> None:
    widen = import_module("cloudlicenses.web.migrations.0003_longer_callers").WIDEN
    with owner_connection() as owner:
        before = owner.execute(GUARDS).fetchall()
        assert len(before) >= 2
        with owner.transaction(force_rollback=True):
            owner.execute("SET LOCAL search_path = public")
            owner.execute(widen.replace("varchar(128)", "varchar(64)"))  # so that there is something to widen
            owner.execute(widen)
            assert owner.execute(GUARDS).fetchall() == before
            assert owner.execute(WIDTH).fetchone() == (128,)
