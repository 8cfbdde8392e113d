"""What each kind of channel is told, in its own language: one module a kind, with `body` and `parcel`.

`body` is written with the alert and kept as it is over all tries; it holds no secret. `parcel` adds address and secrets when it
is sent.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import translation

from alerts.models import Alert, Channel
from alerts.speaking import pagerduty, slack, webhook

_BODIES = {"webhook": webhook.body, "slack": slack.body, "pagerduty": pagerduty.body}
_MAILED = ("alert.raised", "alert.test")  # what follows is on the page; nobody wants a second letter


def tells(kind: str, event: str) -> bool:
    return kind != "email" or event in _MAILED


def body(channel: Channel, event: str, alert: Alert | None, now: datetime) -> str:
    """What will be sent; a mail is made when it is sent, in its reader's language. `alert` None: a test."""
    if channel.kind not in _BODIES:
        return ""
    with translation.override(channel.language):
        return _BODIES[channel.kind](channel, event, alert, now)
