"""Client certificates and authorities that keys depend on are told before they end, and are over when they were renewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from alerts import looking, rules, wording
from audit.outbox.models import OutboxEntry
from certificates import authorities, issuing, uploading
from certificates.models import Authority, Certificate
from cloudlicenses.wiring import LISTENERS
from tenants.context import inside, platform
from tests import builders
from tests.alerts.conftest import MERCEDES, NOON, SetClock, alerts, look, watch
from tests.certificates import pki

ACTOR = builders.actor()
SOON = NOON + timedelta(days=30)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _noon(set_clock: SetClock) -> None:
    set_clock(NOON)


def certificate(name: str = "ws-042", *, also: Any = (), ends: datetime = SOON) -> Certificate:
    """Issued by our authority; with some days of grace before `ends`."""
    with inside(MERCEDES):
        issued = issuing.issue(ACTOR, pki.request(name, also=also))
        Certificate.objects.filter(pk=issued.pk).update(not_after=ends)
        return Certificate.objects.get(pk=issued.pk)


def key_for(**bound: Any) -> None:
    with inside(MERCEDES):
        builders.tenant_key(**bound)


def told() -> list[tuple[str, str, str]]:
    return [(alert.kind, alert.subject_id, alert.status) for alert in alerts()]


def test_a_certificate_that_a_key_asks_for_is_told_a_month_before_it_ends(set_clock: SetClock) -> None:
    found = certificate(ends=SOON + timedelta(days=3))
    key_for(client_cert_cn="WS-042")
    look()
    assert told() == []
    assert watch().look_at == NOON + timedelta(days=3), "nobody has to ask before"
    set_clock(NOON + timedelta(days=3))
    looking.look_due()
    [alert] = alerts()
    assert (alert.kind, alert.subject_kind, alert.subject_id) == ("certificate_expiring", "certificate", found.id)
    assert wording.summary(alert) == "The client certificate of “ws-042” expires on 21 Dec 2026."
    assert ("Serial number", found.serial) in wording.facts(alert)


@pytest.mark.parametrize(
    ("bound", "is_told"),
    [
        ({}, False),
        ({"require_mtls": True}, True),
        ({"client_cert_cn": "ws-043"}, False),
        ({"client_cert_names": ["DNS:ws-042.mercedes.com"]}, True),
        ({"client_cert_names": ["DNS:ws-043.mercedes.com"]}, False),
        ({"client_cert_cn": "ws-043", "client_cert_names": ["DNS:ws-042.mercedes.com"]}, False),
        ({"require_mtls": True, "revoked_at": NOON}, False),
        ({"require_mtls": True, "expires_at": NOON}, False),
    ],
)
def test_only_what_a_key_in_force_asks_for_is_told(bound: dict[str, Any], is_told: bool) -> None:
    certificate(also=[x509.DNSName("ws-042.mercedes.com")])
    key_for(**bound)
    look()
    assert [kind for kind, _, _ in told()] == (["certificate_expiring"] if is_told else [])


def test_it_is_over_when_the_next_one_for_the_same_names_was_issued(set_clock: SetClock) -> None:
    certificate()
    key_for(require_mtls=True)
    look()
    certificate("ws-043", ends=SOON + timedelta(days=300))
    set_clock(NOON + timedelta(minutes=2))
    look()
    assert [status for _, _, status in told()] == ["open"], "another machine's is no successor"
    certificate("WS-042", ends=SOON + timedelta(days=300))
    set_clock(NOON + timedelta(minutes=4))
    look()
    assert [(alert.status, alert.facts["why"]) for alert in alerts()] == [("resolved", "cause_gone")]


@pytest.mark.parametrize("fate", ["revoked", "authority removed", "expired"])
def test_it_is_over_when_the_certificate_is(fate: str, set_clock: SetClock) -> None:
    found = certificate()
    key_for(require_mtls=True)
    look()
    with inside(MERCEDES):
        if fate == "revoked":
            issuing.revoke(ACTOR, found.id)
        elif fate == "authority removed":
            authorities.remove(ACTOR, found.authority_id)
    set_clock(SOON if fate == "expired" else NOON + timedelta(minutes=2))
    look()
    assert [status for _, _, status in told()] == ["resolved"]


def test_an_uploaded_authority_is_told_until_its_successor_is_there(set_clock: SetClock) -> None:
    key_for(require_mtls=True)
    made = pki.new_key()
    with inside(MERCEDES):
        [root] = uploading.upload(ACTOR, _root(made, days=60))
    look()
    [alert] = alerts()
    assert (alert.kind, alert.subject_id, alert.severity) == ("authority_expiring", root.id, "high")
    assert wording.summary(alert) == "The certificate authority “CN=Mercedes Root” expires on 17 Jan 2027."
    with inside(MERCEDES):
        uploading.upload(ACTOR, _root(made, days=3650))
    set_clock(NOON + timedelta(minutes=2))
    look()
    assert [status for _, _, status in told()] == ["resolved"]


def test_our_authority_is_told_until_it_was_replaced(set_clock: SetClock) -> None:
    key_for(require_mtls=True)
    with inside(MERCEDES):
        issued = issuing.issue(ACTOR, pki.request())
        Authority.objects.update(not_after=NOON + timedelta(days=59))
    look()
    assert told() == [("authority_expiring", issued.authority_id, "open")]
    with inside(MERCEDES):
        authorities.rotate(ACTOR)
    set_clock(NOON + timedelta(minutes=2))
    look()
    assert [status for _, _, status in told()] == ["resolved"]


def test_an_authority_that_no_key_depends_on_is_nobodys_worry() -> None:
    with inside(MERCEDES):
        uploading.upload(ACTOR, _root(pki.new_key(), days=20))
    key_for()
    look()
    assert told() == []


def test_the_tenant_chooses_how_long_before(set_clock: SetClock) -> None:
    certificate()
    key_for(require_mtls=True)
    with inside(MERCEDES):
        rules.change("certificate_expiring", {"thresholds": {"days": 7}}, actor=ACTOR)
    look()
    assert (told(), watch().look_at) == ([], SOON - timedelta(days=7))
    set_clock(SOON - timedelta(days=7))
    looking.look_due()
    assert [kind for kind, _, _ in told()] == ["certificate_expiring"]


def test_what_changes_a_certificate_has_the_tenant_looked_at() -> None:
    """Through the table of listeners, as the delivery job calls them."""
    issued = certificate()
    with inside(MERCEDES):
        issuing.revoke(ACTOR, issued.id)
        uploading.upload(ACTOR, _root(pki.new_key(), days=60))
        authorities.remove(ACTOR, issued.authority_id)
    with platform():
        events = set(OutboxEntry.objects.filter(event__startswith="certificate").values_list("event", flat=True))
    assert len(events) == 5
    assert events <= set(LISTENERS)


def _root(key: Any, *, days: int) -> str:
    return pki.authority(key=key, begins=NOON - timedelta(days=1), ends=NOON + timedelta(days=days)).pem
