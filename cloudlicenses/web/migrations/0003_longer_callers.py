from django.db import migrations, models

# PostgreSQL alters no column that a policy names. So the table's policies go and come back, as they were, in the one statement:
# whoever is served meanwhile finds the table guarded before and after.
WIDEN = """
DO $$
DECLARE
    answers CONSTANT regclass := 'web_idempotentanswer';
    guards text[];
    guard record;
    made text;
BEGIN
    FOR guard IN
        SELECT polname, pg_get_expr(polqual, polrelid) AS seen, pg_get_expr(polwithcheck, polrelid) AS written,
               (SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY (polroles)) AS roles,
               obj_description(oid, 'pg_policy') AS mark
          FROM pg_policy WHERE polrelid = answers
    LOOP
        guards := guards || format('CREATE POLICY %I ON %s TO %s USING (%s) WITH CHECK (%s)', guard.polname, answers,
                                   coalesce(guard.roles, 'PUBLIC'), guard.seen, guard.written)
                         || format('COMMENT ON POLICY %I ON %s IS %L', guard.polname, answers, guard.mark);
        EXECUTE format('DROP POLICY %I ON %s', guard.polname, answers);
    END LOOP;
    ALTER TABLE web_idempotentanswer ALTER COLUMN caller TYPE varchar(128);
    FOREACH made IN ARRAY coalesce(guards, '{}') LOOP
        EXECUTE made;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    """A vendor's id of forty characters and the id of its key are seventy-two together."""

    contracts = "its policies come back in the statement that drops them, and a column only widens"

    dependencies = [
        ("web", "0002_sealed_by_data_keys"),
    ]

    operations = [
        migrations.RunSQL(
            WIDEN,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField(
                    model_name="idempotentanswer",
                    name="caller",
                    field=models.CharField(max_length=128),
                ),
            ],
        ),
    ]
