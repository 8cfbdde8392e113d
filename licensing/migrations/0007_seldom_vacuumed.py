"""All tables of a tenant are looked after by thousands of rows, not by fifty.

Each VACUUM and ANALYZE tells every connection that the table has changed; whoever holds plans of a thousand tenants looks through all
of them for it, and while autovacuum went round, checkouts waited for seconds (docs/decisions/0022). What tables hold until then
costs little: plans are by index, whatever the statistics say.
"""

from __future__ import annotations

from django.db import migrations

SELDOM = """
DO $$
DECLARE
    one regclass;
BEGIN
    IF current_schema() = 'public' THEN
        RETURN;
    END IF;
    FOR one IN SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY oid LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = 20000, '
                       'autovacuum_analyze_threshold = 20000)', one);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    """After whatever else makes tables for tenants."""

    dependencies = [
        ("licensing", "0006_seats_together"),
        ("accounts", "0005_sessions_by_hash"),
        ("alerts", "0002_former_secret"),
        ("applications", "0001_initial"),
        ("audit", "0004_found_by_vendor"),
        ("certificates", "0001_initial"),
        ("keys", "0004_require_device"),
        ("web", "0003_longer_callers"),
    ]

    operations = [migrations.RunSQL(SELDOM, migrations.RunSQL.noop)]
