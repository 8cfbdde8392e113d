from django.db import migrations


class Migration(migrations.Migration):
    """Whoever is signed in stays so: `accounts.sessions.kept_as`, said in SQL."""

    dependencies = [("accounts", "0004_sealed_by_data_keys")]

    operations = [
        migrations.RunSQL(
            "UPDATE accounts_session SET session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)"
            " WHERE length(session_key) < 40",
            migrations.RunSQL.noop,
        )
    ]
