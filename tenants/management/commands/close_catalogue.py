from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenants import catalogue, roles
from tenants.ownership import owner_connection


class Command(BaseCommand):
    """`DATABASE_URL=postgresql://postgres@…/name manage.py close_catalogue`: where the owner itself is no superuser."""

    help = "As a superuser, close PostgreSQL's own functions and catalogues in this database. Changes nothing else."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with owner_connection() as owner:
            for warning in catalogue.close(owner, still_open_to=[roles.login_role()]):
                self.stderr.write(self.style.WARNING(f"Warning: {warning}"))
