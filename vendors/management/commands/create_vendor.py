"""`manage.py create_vendor --id vector-de --name "Vector Informatik GmbH" --email sales@vector.example`"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Refusal
from vendors.onboarding import create_vendor


class Command(BaseCommand):
    help = "Create a vendor: its signing keys, a first API key (shown this once), an invitation by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--id", required=True, help="3 to 40 characters: a-z, 0-9 and hyphens")
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", required=True, help="who will manage it; is sent an invitation")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        operator = Actor(kind="operator", id="manage.py", label="manage.py create_vendor")
        try:
            created = create_vendor(operator, id=options["id"], name=options["name"], email=options["email"])
        except Refusal as refusal:
            faults = " ".join(f"{fault.field}: {fault.message}" for fault in refusal.errors)
            raise CommandError(f"{refusal.detail} {faults}".strip()) from None
        answer = {
            "vendor_id": created.vendor.id,
            "api_key": created.api_key,
            "name": created.vendor.name,
            "email": created.vendor.email,
        }
        self.stdout.write(json.dumps(answer) if options["json"] else "\n".join(f"{k}: {v}" for k, v in answer.items()))
