from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.commands import OperatorCommand
from cloudlicenses.web.pages import tenant_url
from tenants import verification
from tenants.models import Registration
from tenants.registration import open_registrations


class Command(OperatorCommand):
    help = "Make a registered tenant without looking at its DNS: for a customer proved by other means."

    def take(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant_id")
        parser.add_argument("--email", help="the administrator's address, when several registrations are waiting")

    def act(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        found = Registration.objects.filter(status=Registration.Status.VERIFIED) | open_registrations()
        if options["email"]:
            found = found.filter(admin_email=options["email"].lower())
        registrations = list(found.filter(tenant_id=options["tenant_id"]))
        if not registrations:
            raise CommandError("No such registration is waiting.")
        if len(registrations) > 1:
            addresses = ", ".join(registration.admin_email for registration in registrations)
            raise CommandError(f"Several registrations are waiting. Choose one with --email: {addresses}")
        tenant = verification.confirm(registrations[0].pk, verified_by=f"operator {actor.id}"[:40], actor=actor)
        return {
            "tenant_id": tenant.pk,
            "crm_id": tenant.crm_id,
            "tenant_url": tenant_url(tenant.pk),
            "status": "verified",
        }
