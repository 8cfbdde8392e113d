from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from psycopg import sql

from tenants import deploying, snapshot
from tenants.ownership import owner_connection


class Command(BaseCommand):
    """`manage.py snapshot_tenant_schema`: run it after making a migration of a tenant app, and commit the file."""

    help = "Write tenants/sql/tenant_schema.sql from a template schema that all migrations were applied to."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        template = sql.Identifier(snapshot.TEMPLATE)
        with owner_connection() as owner:
            owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(template))
            owner.execute(sql.SQL("CREATE SCHEMA {}").format(template))
            try:
                deploying.migrate_schema(snapshot.TEMPLATE)
                snapshot.SNAPSHOT.write_text(snapshot.dump(snapshot.owner_url(), snapshot.TEMPLATE), encoding="utf-8")
            finally:
                owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(template))
        self.stdout.write(f"Wrote {snapshot.SNAPSHOT}")
