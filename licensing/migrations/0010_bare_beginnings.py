"""BRIN indexes no longer adapt a summary of their table's first pages with each row.

PostgreSQL summarises the first range as it makes the index, though the table is empty; all further ones when they are full. So a tenant's
first thousand operations each wrote that summary anew, seven Bloom filters of it compressed again: an eighth of what a checkout took.
Where those pages are full by now, their summary is what makes the index worth having, and stays.
"""

from __future__ import annotations

from django.db import migrations

BARE = """
DO $$
DECLARE
    index_name text;
    pages integer;
BEGIN
    FOR index_name, pages IN VALUES ('audit_by_value', 32), ('ended_leases', 128) LOOP
        IF pg_relation_size((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(index_name)))
           < pages * current_setting('block_size')::integer THEN
            PERFORM brin_desummarize_range(to_regclass(index_name), 0);
        END IF;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("licensing", "0009_leases_unlocked"), ("audit", "0005_keys_have_their_time")]

    operations = [migrations.RunSQL(BARE, migrations.RunSQL.noop)]
