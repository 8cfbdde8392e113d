"""The operator's look at the platform: can it serve, what waits, how its tenants stand. The same facts are at /metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cloudlicenses.observation.backlogs import what_waits
from cloudlicenses.web.health import checks
from cloudlicenses.web.people import needs
from tenants.models import OnboardingStep, Tenant

CHECKS: Mapping[str, Any] = {"database": _("Database"), "migrations": _("Migrations"), "cache": _("Cache and queue")}
BACKLOGS: Mapping[str, tuple[Any, Any]] = {
    "outbox": (_("Events to announce"), _("Mails and webhooks are made of them.")),
    "logs_to_seal": (_("Logs to seal"), _("What was written there since is not yet protected by a signed head.")),
    "bent_logs": (
        _("Logs that were bent"),
        _("Somebody put entries in with another date, in the last seven days. The log of the worker names them."),
    ),
    "erasures": (_("People to forget"), _("They asked for it; it is done within a minute.")),
    "webhook_deliveries": (
        _("Webhooks to send"),
        _("Vendors' systems that don't answer keep theirs waiting for three days."),
    ),
    "alerts": (_("Tenants to look at"), _("Something happened there that may be worth an alert.")),
    "registrations": (_("Domains to be proved"), _("Companies that have not set their DNS record yet.")),
    "onboarding_steps": (_("Steps of provisioning"), _("Tenants that are being made.")),
}


@require_safe
@needs("platform:read")
def health(request: HttpRequest) -> HttpResponse:
    """Asked of the database and the cache at this moment; a constant number of queries."""
    results = checks()
    failing = OnboardingStep.objects.filter(done_at=None).exclude(last_problem="")
    facts = {
        "checks": [(CHECKS.get(name, name), result) for name, result in results.items()],
        "is_well": all(result["status"] == "ok" for result in results.values()),
        "backlogs": [(BACKLOGS.get(one.name, (one.name, "")), one) for one in what_waits()],
        "tenants": dict(Tenant.objects.values_list("status").annotate(count=Count("pk"))),
        "stuck": Tenant.objects.filter(id__in=failing.values("tenant_id"))[:20],
        "section": "health",
    }
    return render(request, "observation/health.html", facts)
