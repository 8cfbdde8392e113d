"""Every kind of alert goes out by every kind of channel, over real HTTP and by mail, in both languages, with all that it tells."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from alerts import calendars, raising, rules, wording
from alerts.judging.scene import Finding, Scene
from alerts.kinds import KINDS
from alerts.wording import _GIVEN
from cloudlicenses.kit import clock, jsonmoney
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import MERCEDES, alerts, send
from tests.alerts.sent import ROUTING_KEY, SLACK, channel, deliveries, make_due
from tests.billing.receiver import Receiver

SUBJECTS = {
    "key": ("key", "key-042"), "seats_denied": ("product", "davinci"), "new_admin": ("user", "7"), "budget": ("license", "lic-1"),
    "log_bent": ("log", "tenant/mercedes"), "certificate_expiring": ("certificate", "cert-1"),
    "authority_expiring": ("authority", "ca-1"), "repeated_refusals": ("address", "203.0.113.9"),
}  # fmt: skip
FACTS: dict[str, Any] = {
    "ip": "203.0.113.9", "hostname": "dev-ws-042", "number": 42, "minutes": 5, "usual": "2.5", "local_time": "22:30",
    "zone": "Europe/Berlin", "by": "anna", "expires_at": "2027-01-31T10:00:00+00:00", "day": "", "spent": "410.00",
    "budget": "500.00", "currency": "EUR", "entry": "evt-5",
}  # fmt: skip
GERMAN_AND_ENGLISH = ("de", "en")


def told_of(kind: str) -> dict[str, Any]:
    """The facts that its sentence speaks of."""
    named = set(re.findall(r"%\((\w+)\)s", str(_GIVEN[kind]))) - {"name"}
    return {("expires_at" if name == "day" else name): FACTS["expires_at" if name == "day" else name] for name in named}


def raised(kind: str) -> None:
    with inside(MERCEDES):
        if not KINDS[kind].is_on:
            rules.change(kind, {"is_on": True}, actor=builders.actor())
        scene = Scene(clock.now(), [], rules.all_rules(), calendars.business_hours(), {})
        subject = SUBJECTS.get(kind, SUBJECTS["key"])
        raising.tell([Finding(kind, subject, "Workstation 042", clock.now(), 1, told_of(kind))], scene)


@pytest.mark.parametrize("kind", KINDS)
def test_it_reaches_webhook_slack_pagerduty_and_mailbox(
    kind: str, db: None, systems: Receiver, settings: Settings
) -> None:
    systems.answers = [200] * 20
    channel("webhook", {"url": systems.url("/ok")})
    for language in GERMAN_AND_ENGLISH:
        channel("slack", {"url": systems.url(SLACK)}, language=language)
    channel("pagerduty", {"routing_key": ROUTING_KEY})
    channel("email", {"to": ["security@mercedes-benz.com"]})
    raised(kind)
    make_due()
    assert send() == 5
    assert {delivery.status for delivery in deliveries()} == {"delivered"}
    [alert] = alerts()
    [letter] = mail.outbox
    bodies = {path: jsonmoney.loads(body) for path, _, body in systems.got}
    assert (len(systems.got), set(bodies)) == (4, {"/ok", SLACK, "/v2/enqueue"})
    assert (bodies["/ok"]["data"]["kind"], bodies["/v2/enqueue"]["payload"]["class"]) == (kind, kind)
    assert bodies["/ok"]["data"]["title"] == wording.title(alert)
    everything = [json.dumps(jsonmoney.loads(body), ensure_ascii=False, default=str) for *_, body in systems.got]
    for said in (*everything, str(letter.body), bodies["/ok"]["data"]["summary"]):
        assert wording.NOTHING not in said, "a sentence lacks what it speaks of"
        assert "%(" not in said
    slack = [jsonmoney.loads(body)["text"] for path, _, body in systems.got if path == SLACK]
    assert len(set(slack)) == len(GERMAN_AND_ENGLISH), "each in its own language"
