"""`manage.py load_demo`: made-up vendors, customers and history, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cloudlicenses.demo import loading


class Command(BaseCommand):
    help = "Load the demo's vendors, customers and three months of history into an empty platform."

    def handle(self, *args: Any, **options: Any) -> None:
        loading.load(self.stdout.write)
