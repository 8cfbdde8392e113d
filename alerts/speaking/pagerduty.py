"""A service in PagerDuty, by Events API v2: trigger, acknowledge, resolve. The alert's id is the `dedup_key` of all three."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from alerts import shown, wording
from alerts.models import Alert, Channel, Delivery
from alerts.speaking.parcel import Parcel
from cloudlicenses.kit import clock, jsonmoney
from cloudlicenses.web.pages import tenant_url
from tenants import context

ACTIONS = {
    "alert.raised": "trigger",
    "alert.acknowledged": "acknowledge",
    "alert.resolved": "resolve",
    "alert.test": "trigger",
}
SEVERITIES = {"low": "info", "medium": "warning", "high": "error", "critical": "critical"}
LONGEST_SUMMARY = 1024


def body(channel: Channel, event: str, alert: Alert | None, now: datetime) -> str:
    said: dict[str, Any] = {
        "event_action": ACTIONS[event],
        "dedup_key": alert.id if alert else f"test-{channel.id}",
    }
    if said["event_action"] == "trigger":
        url = shown.url(alert) if alert else tenant_url(context.current().tenant_id, f"/alerts/channels/{channel.id}")
        said |= {
            "client": "CloudLicenses",
            "client_url": url,
            "links": [{"href": url, "text": _("Open the alert")}],
            "payload": _payload(alert, now),
        }
    return jsonmoney.dumps(said).decode()


def parcel(delivery: Delivery, target: dict[str, Any]) -> Parcel:
    """The routing key is a secret: it is added here, not kept with the message."""
    said = jsonmoney.loads(delivery.body.encode()) | {"routing_key": target["routing_key"]}
    return Parcel(f"{settings.PAGERDUTY_BASE_URL}/v2/enqueue", jsonmoney.dumps(said), {})


def _payload(alert: Alert | None, now: datetime) -> dict[str, Any]:
    host = tenant_url(context.current().tenant_id).rpartition("/")[2]
    if alert is None:
        text = _("This is a test. Alerts of CloudLicenses will stand here.")
        return {"summary": text, "source": host, "severity": "info", "timestamp": clock.rfc3339(now)}
    return {
        "summary": f"{wording.title(alert)}: {wording.summary(alert)}"[:LONGEST_SUMMARY],
        "source": host,
        "severity": SEVERITIES[alert.severity],
        "timestamp": clock.rfc3339(alert.last_at),
        "component": alert.subject_name or alert.subject_id,
        "group": alert.subject_kind,
        "class": alert.kind,
        "custom_details": shown.alert(alert),
    }
