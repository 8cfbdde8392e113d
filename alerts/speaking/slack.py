"""A channel in Slack, by an incoming webhook: Block Kit, with a text for notifications.

What strangers chose (hostnames, users) is plain text there: nothing of it becomes a link, a mention or formatting.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from alerts import shown, wording
from alerts.models import Alert, Channel, Delivery
from alerts.speaking.parcel import Parcel
from cloudlicenses.kit import jsonmoney

MARKS = {"low": "⚪", "medium": "🟡", "high": "🟠", "critical": "🔴"}
LONGEST_HEADER, LONGEST_TEXT, MOST_FIELDS = 150, 2900, 10


def body(channel: Channel, event: str, alert: Alert | None, now: datetime) -> str:
    if alert is None:
        text = _("This is a test. Alerts of CloudLicenses will stand here.")
        blocks = [_section(text)]
    elif event == "alert.raised":
        text, blocks = _headline(alert), _raised(alert)
    else:
        text = _followed(event, alert)
        blocks = [_section(text), _button(alert)]
    return jsonmoney.dumps({"text": text, "blocks": blocks}).decode()


def parcel(delivery: Delivery, target: dict[str, Any]) -> Parcel:
    return Parcel(settings.SLACK_BASE_URL + target["path"], delivery.body.encode(), {})


def _raised(alert: Alert) -> list[dict[str, Any]]:
    facts = [_plain(f"{label}: {value}") for label, value in wording.facts(alert)][:MOST_FIELDS]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(_headline(alert), LONGEST_HEADER)},
        _section(wording.summary(alert)),
    ]
    if facts:
        blocks.append({"type": "section", "fields": facts})
    return [*blocks, _section(wording.advice(alert)), _button(alert)]


def _headline(alert: Alert) -> str:
    return f"{MARKS[alert.severity]} {wording.title(alert)} ({wording.severity(alert)})"


def _followed(event: str, alert: Alert) -> str:
    if event == "alert.acknowledged":
        return _("%(who)s has acknowledged: %(what)s") % {
            "who": alert.acknowledged_by, "what": wording.summary(alert)
        }  # fmt: skip
    if alert.resolved_by:
        return _("%(who)s has resolved: %(what)s") % {"who": alert.resolved_by, "what": wording.summary(alert)}
    return _("Resolved by itself: %(what)s %(why)s") % {
        "what": wording.summary(alert), "why": wording.why_resolved(alert)
    }  # fmt: skip


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text)}


def _button(alert: Alert) -> dict[str, Any]:
    button = {"type": "button", "text": _plain(_("Open the alert")), "url": shown.url(alert), "action_id": "open"}
    return {"type": "actions", "elements": [button]}


def _plain(text: str, longest: int = LONGEST_TEXT) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest], "emoji": False}
