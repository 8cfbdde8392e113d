"""An alert as programs see it: the API, webhooks, PagerDuty's details. One shape, in English."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from alerts import wording
from alerts.models import Alert
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.pages import tenant_url
from tenants import context

INNER = ("cause", "why")  # of the facts: our own notes


def alert(found: Alert) -> dict[str, Any]:
    with translation.override("en"):
        title, summary, why = wording.title(found), wording.summary(found), wording.why_resolved(found)
    times = {
        name: rfc3339(at) if (at := getattr(found, name)) else None
        for name in ("first_at", "last_at", "acknowledged_at", "resolved_at")
    }
    same = ("id", "kind", "severity", "status", "count", "acknowledged_by", "resolved_by", "note")
    return {
        **{name: getattr(found, name) for name in same},
        "title": title,
        "summary": summary,
        "subject": {"kind": found.subject_kind, "id": found.subject_id, "name": found.subject_name},
        **times,
        "resolved_because": why,
        "facts": {name: value for name, value in found.facts.items() if name not in INNER},
        "url": url(found),
    }


def url(found: Alert) -> str:
    """Its page, at the tenant in whose scope we are."""
    return tenant_url(context.current().tenant_id, f"/alerts/{found.id}")
