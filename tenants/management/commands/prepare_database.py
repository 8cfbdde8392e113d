from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cloudlicenses.sealing import data_keys
from tenants import deploying


class Command(BaseCommand):
    """`manage.py prepare_database`: every deploy runs it; it may be run as often as one likes."""

    help = "Migrate public and every lagging tenant schema, then set roles, rights and row-level security."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for warning in deploying.deploy(self.stdout.write):
            self.stderr.write(self.style.WARNING(f"Warning: {warning}"))
        if lacking := data_keys.lacking_masters():
            raise CommandError(
                f"MASTER_KEY does not list the keys {', '.join(lacking)}, which wrap data keys: secrets could not be opened."
            )
