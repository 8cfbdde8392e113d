"""`manage.py demo_banner`: where everything is, and how to sign in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cloudlicenses.demo.banner import banner


class Command(BaseCommand):
    help = "Print the addresses of this installation and the demo's sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(banner())
