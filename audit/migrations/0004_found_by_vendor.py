"""In `public` stand the logs of all vendors and the platform's, and each is read newest first. In a tenant's schema there is one log
only, and checkouts would pay for the index: it has none.
"""

from django.db import migrations

ADD = """
DO $$ BEGIN
    IF current_schema() = 'public' THEN
        CREATE INDEX audit_by_vendor ON audit_auditentry (vendor_id, id);
    END IF;
END $$
"""
REMOVE = """
DO $$ BEGIN
    IF current_schema() = 'public' THEN
        DROP INDEX public.audit_by_vendor;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_trees")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
