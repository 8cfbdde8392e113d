"""What was charged in the last minutes is found by where it lies: charges are written nearly in the order of their instants.

A BRIN index, of some hundred bytes a megabyte: a checkout does not pay for it, as it would for another B-tree.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_sealed_charges")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX billing_usagerecord_instant ON billing_usagerecord USING brin (at) WITH (pages_per_range = 32, autosummarize = on)",
            "DROP INDEX billing_usagerecord_instant",
        ),
    ]
