"""The pages of alerts, by hand and without scripts."""

from __future__ import annotations

import re

import pytest
from pytest_django import Settings

from accounts.models import Role
from alerts import channels, looking, sending, trying, watching
from alerts.models import Alert, Channel, Delivery
from audit.models import AuditEntry
from tenants.context import inside, platform
from tests import builders, cast, sites
from tests.pages.conftest import Enter

MERCEDES = cast.MERCEDES.id


def raised(code: str = "hostname_not_allowed", hostname: str = "<b>laptop</b>") -> Alert:
    with inside(MERCEDES):
        builders.tenant_key(id="key-042", app_name="Workstation 042")
        AuditEntry.objects.create(
            event="key.refused",
            code=code,
            result="refused",
            actor_kind="key",
            key_id="key-042",
            ip="203.0.113.9",
            hostname=hostname,
        )
    with platform():
        watching.look_soon([MERCEDES])
    looking.look_due()
    with inside(MERCEDES):
        return Alert.objects.get()


def text(site: sites.Site, path: str) -> str:
    answer = site.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_nothing_yet_says_how_it_comes_to_be_filled(owner: sites.Site) -> None:
    assert "All quiet" in text(owner, "/alerts")
    assert "Nobody is told" in text(owner, "/alerts/channels")


def test_an_alert_is_listed_shown_acknowledged_and_resolved(owner: sites.Site) -> None:
    alert = raised()
    page = text(owner, "/alerts")
    assert "Unknown hostname" in page
    assert "&lt;b&gt;laptop" in page
    assert "<b>laptop" not in page
    assert re.search(r'id="open-alerts".*?data-count>1<', page, re.DOTALL)
    detail = text(owner, f"/alerts/{alert.id}")
    assert "Revoke this key" in detail
    owner.post(f"/alerts/{alert.id}/acknowledge", {"note": "on it"})
    assert "on it" in text(owner, f"/alerts/{alert.id}")
    assert "data-count>1<" not in text(owner, "/")
    owner.post(f"/alerts/{alert.id}/resolve")
    assert "All quiet" in text(owner, "/alerts")
    assert "Workstation 042" in text(owner, "/alerts?status=resolved")
    assert "already" in owner.post(f"/alerts/{alert.id}/acknowledge", follow=True).content.decode()


def test_a_fragment_follows_what_happens(owner: sites.Site) -> None:
    raised()
    fragment = owner.get("/alerts", headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip().startswith('<div id="alerts"')


def test_whoever_sees_no_alerts_sees_no_number_either(at_mercedes: Enter) -> None:
    raised()
    viewer = at_mercedes(Role.VIEWER)
    assert "open-alerts" not in text(viewer, "/")
    assert viewer.get("/alerts").status_code == 403


def test_a_rule_is_changed_and_nonsense_comes_back_to_its_field(owner: sites.Site) -> None:
    form = {
        "is_on": "on",
        "severity": "critical",
        "threshold_refusals": "3",
        "threshold_minutes": "10",
        "quiet_from": "",
        "quiet_until": "",
    }
    assert owner.post("/alerts/rules/repeated_refusals", form).status_code == 302
    assert "Refusals: 3" in text(owner, "/alerts/rules")
    for wrong in ({"threshold_refusals": "0"}, {"threshold_refusals": "x"}, {"quiet_from": "20:00"}):
        assert owner.post("/alerts/rules/repeated_refusals", form | wrong).status_code == 422
    assert owner.get("/alerts/rules/nothing").status_code == 404


def test_business_hours_are_set_by_weekday(owner: sites.Site) -> None:
    form = {"zone": "Europe/Berlin", "holidays": "2026-12-25 Christmas\n2027-01-01"}
    form |= {f"from_{day}": "08:00" for day in range(5)} | {f"until_{day}": "18:00" for day in range(5)}
    assert owner.post("/alerts/hours", form).status_code == 302
    page = text(owner, "/alerts/hours")
    assert "2026-12-25 Christmas" in page
    assert 'value="18:00"' in page
    for wrong in ({"holidays": "Christmas"}, {"until_6": "12:00"}, {"from_0": "19:00"}, {"zone": "Mars"}):
        assert owner.post("/alerts/hours", form | wrong).status_code == 422


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("email", {"roles": ["owner"], "to": "a@mercedes-benz.com"}),
        ("slack", {"url": "https://hooks.slack.com/services/T000/B000/XXXXXXXX"}),
        ("pagerduty", {"routing_key": "R" * 32}),
    ],
)
def test_a_channel_is_added_once_tried_paused_changed_and_removed(
    owner: sites.Site, kind: str, target: dict[str, object]
) -> None:
    form = {"name": "On call", "least_severity": "high", "language": "de", "request_key": "k", **target}
    path = owner.post(f"/alerts/channels/add/{kind}", form).headers["Location"]
    assert owner.post(f"/alerts/channels/add/{kind}", form).headers["Location"] == path
    owner.post(f"{path}/test")
    page = text(owner, path)
    assert "Test message" in page
    assert "XXXXXXXX" not in page
    assert "RRRRR" not in page
    assert 'name="is_active" value="off"' in page
    for wish, is_active in (("off", False), ("off", False), ("on", True)):  # whoever presses it second undoes nothing
        owner.post(f"{path}/pause", {"is_active": wish})
        with inside(MERCEDES):
            assert Channel.objects.get().is_active == is_active
    kept = (
        {**form, "name": "Renamed"}
        if kind == "email"
        else {"name": "Renamed", "least_severity": "low", "language": "en"}
    )
    assert owner.post(f"{path}/change", kept).status_code == 302
    assert "Renamed" in text(owner, path)
    assert "Remove this channel?" in text(owner, f"{path}/remove")
    owner.post(f"{path}/remove")
    with inside(MERCEDES):
        assert not Channel.objects.exists()
        assert not Delivery.objects.exists()


def test_a_webhooks_secret_is_shown_once(owner: sites.Site, settings: Settings) -> None:
    form = {
        "name": "SIEM",
        "least_severity": "low",
        "language": "en",
        "request_key": "k",
        "url": "https://siem.mercedes-benz.com/in",
    }
    shown = owner.post("/alerts/channels/add/webhook", form).content.decode()
    [secret] = set(re.findall(r"whsec_[\w+/=]+", shown))
    with inside(MERCEDES):
        path = f"/alerts/channels/{Channel.objects.get().id}"
    assert secret not in text(owner, path)
    assert "former secret" not in text(owner, path)
    assert secret not in owner.post(f"{path}/rotate-secret").content.decode()
    assert "Messages are signed with the former secret too, until" in text(owner, path)


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("email", {"to": "nobody"}, "Not an e-mail address"),
        ("slack", {"url": "https://evil.example/x"}, "Paste the whole address"),
        ("pagerduty", {"routing_key": "short"}, "has 32 letters"),
        ("webhook", {"url": "https://127.0.0.1/x"}, "public addresses"),
    ],
)
def test_a_wrong_target_comes_back_to_its_field(
    owner: sites.Site, kind: str, target: dict[str, str], words: str
) -> None:
    form = {"name": "x", "least_severity": "low", "language": "en", **target}
    answer = owner.post(f"/alerts/channels/add/{kind}", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_there_are_no_channels_of_other_kinds(owner: sites.Site) -> None:
    assert owner.get("/alerts/channels/add/fax").status_code == 404


def test_why_a_message_did_not_arrive_is_said_in_the_readers_language(owner: sites.Site, settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with inside(MERCEDES):
        channel, _ = channels.add(
            "webhook", {"url": "http://127.0.0.1:1/in"}, actor=builders.actor(), name="our system"
        )
        trying.send_test(channel.id, actor=builders.actor())
    assert sending.send_due() == 1
    assert text(owner, f"/alerts/channels/{channel.id}").count("nothing listens there") == 2
    german = owner.get(f"/alerts/channels/{channel.id}", headers={"Accept-Language": "de"}).content.decode()
    assert german.count("Dort nimmt nichts Verbindungen an.") == 2
    assert "nothing listens" not in german


def test_a_mail_that_was_taken_says_so(owner: sites.Site) -> None:
    with inside(MERCEDES):
        channel, _ = channels.add("email", {"to": ["it@mercedes-benz.com"]}, actor=builders.actor(), name="IT")
        trying.send_test(channel.id, actor=builders.actor())
    assert sending.send_due() == 1
    german = owner.get(f"/alerts/channels/{channel.id}", headers={"Accept-Language": "de"}).content.decode()
    assert "angenommen" in german
    assert "Accepted by" not in german
