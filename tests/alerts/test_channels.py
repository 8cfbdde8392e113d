"""Channels over real HTTP and mail: what each is told, in its own language; retries, order, quiet times, tests, secrets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from accounts.models import Role, User
from alerts import calendars, channels, handling, rules, sending, trying
from alerts.models import Alert, Channel, Delivery
from alerts.refusals import TooManyChannels
from alerts.watch.models import Watch
from cloudlicenses.kit import clock, jsonmoney
from cloudlicenses.kit.refusals import InvalidInput, Refusal
from keys.models import ApiKey
from tenants.context import inside, platform
from tests import builders
from tests.alerts.conftest import MERCEDES, NOON, THERE, SetClock, alerts, happened, look, send, watch
from tests.billing.receiver import Receiver

SLACK = "/services/T000/B000/XXXXXXXX"
ROUTING_KEY = "R" * 32
Status = Delivery.Status


def channel(kind: str, target: dict[str, Any], **wishes: Any) -> tuple[Channel, str]:
    with inside(MERCEDES):
        return channels.add(kind, target, actor=builders.actor(), name=kind, **wishes)


def tried(key: ApiKey) -> None:
    happened(
        "key.refused", code="hostname_not_allowed", key_id=key.id, ip=THERE, hostname="<@U1>laptop.mallory.example"
    )


def raised(key: ApiKey) -> Alert:
    """An alert, and everything sent that waited for it."""
    tried(key)
    look()
    send()
    return alerts()[-1]


def deliveries(**wanted: Any) -> list[Delivery]:
    with inside(MERCEDES):
        return list(Delivery.objects.filter(**wanted).order_by("created_at", "id"))


def act(story: Any, alert: Alert) -> None:
    with inside(MERCEDES):
        story(alert.id, actor=builders.actor())


def make_due() -> None:
    with inside(MERCEDES):
        Delivery.objects.update(next_try_at=clock.now() - timedelta(seconds=1))
    with platform():
        Watch.objects.update(send_at=clock.now())


def test_a_webhook_is_signed_and_says_what_happened(key: ApiKey, systems: Receiver) -> None:
    _, secret = channel("webhook", {"url": systems.url("/ok")})
    alert = raised(key)
    [(_, headers, body)] = systems.got
    Webhook(secret).verify(body, headers)
    said = jsonmoney.loads(body)
    assert (said["type"], said["data"]["id"], said["data"]["kind"]) == ("alert.raised", alert.id, "unknown_hostname")
    assert said["data"]["subject"] == {"kind": "key", "id": key.id, "name": "Workstation 042"}
    assert said["data"]["url"].endswith(f"/alerts/{alert.id}")
    for story in (handling.acknowledge, handling.resolve):
        act(story, alert)
        send()
    assert [jsonmoney.loads(body)["type"] for *_, body in systems.got] == [
        "alert.raised", "alert.acknowledged", "alert.resolved"
    ]  # fmt: skip
    assert len({headers["webhook-id"] for _, headers, _ in systems.got}) == 3


def test_slack_is_told_in_blocks_and_strangers_words_stay_plain(key: ApiKey, systems: Receiver) -> None:
    channel("slack", {"url": systems.url(SLACK)}, language="de")
    systems.answers = [200]
    alert = raised(key)
    [(path, _, body)] = systems.got
    said = jsonmoney.loads(body)
    assert path == SLACK
    assert "Unbekannter Hostname" in said["text"]
    assert [block["type"] for block in said["blocks"]] == ["header", "section", "section", "section", "actions"]
    texts = [block["text"] for block in said["blocks"] if "text" in block] + said["blocks"][2]["fields"]
    assert {text["type"] for text in texts} == {"plain_text"}, "no mention, no link, no formatting by a hostname"
    assert said["blocks"][-1]["elements"][0]["url"].endswith(f"/alerts/{alert.id}")
    assert SLACK not in deliveries()[0].body


def test_pagerduty_hears_trigger_acknowledge_and_resolve_of_one_incident(key: ApiKey, systems: Receiver) -> None:
    channel("pagerduty", {"routing_key": ROUTING_KEY})
    alert = raised(key)
    for story in (handling.acknowledge, handling.resolve):
        act(story, alert)
        send()
    said = [jsonmoney.loads(body) for *_, body in systems.got]
    assert {path for path, *_ in systems.got} == {"/v2/enqueue"}
    assert [each["event_action"] for each in said] == ["trigger", "acknowledge", "resolve"]
    assert {(each["routing_key"], each["dedup_key"]) for each in said} == {(ROUTING_KEY, alert.id)}
    payload = said[0]["payload"]
    assert (payload["severity"], payload["source"], payload["class"]) == (
        "warning", f"mercedes.{host()}", "unknown_hostname"
    )  # fmt: skip
    assert all(ROUTING_KEY not in delivery.body for delivery in deliveries())


def host() -> str:
    from django.conf import settings

    return str(settings.BASE_DOMAIN)


def test_everybody_who_may_do_something_gets_a_mail_in_their_language(key: ApiKey) -> None:
    with inside(MERCEDES):
        builders.person("anna@mercedes-benz.com", role=Role.OWNER)
        builders.person("bernd@mercedes-benz.com", role=Role.LICENSE_ADMIN)
        builders.person("vera@mercedes-benz.com", role=Role.VIEWER)
        User.objects.filter(email__startswith="bernd").update(language="de")
    raised(key)
    said = {letter.to[0]: letter for letter in mail.outbox}
    assert set(said) == {"anna@mercedes-benz.com", "bernd@mercedes-benz.com"}
    assert said["anna@mercedes-benz.com"].subject == "[medium] Unknown hostname: Workstation 042"
    assert "Unbekannter Hostname" in said["bernd@mercedes-benz.com"].subject
    for letter in mail.outbox:
        assert "/alerts/revoke/" in str(letter.body)
        assert "<@U1>laptop" in str(letter.body)
        assert "&lt;@U1&gt;laptop" in str(letter.alternatives[0][0])


def test_an_address_of_nobody_of_ours_gets_no_link_that_revokes(key: ApiKey) -> None:
    channel("email", {"to": ["security@mercedes-benz.com"]})
    raised(key)
    [letter] = mail.outbox
    assert letter.to == ["security@mercedes-benz.com"]
    assert "/alerts/revoke/" not in str(letter.body)


def test_a_mail_server_that_is_away_is_tried_again_with_the_same_letter(key: ApiKey, settings: Settings) -> None:
    with inside(MERCEDES):
        builders.person("anna@mercedes-benz.com", role=Role.OWNER)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    raised(key)
    [delivery] = deliveries()
    assert (delivery.status, delivery.attempts) == (Status.PENDING, 1)
    assert "ConnectionRefusedError" in delivery.last_problem
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_due()
    send()
    [delivery] = deliveries()
    assert (delivery.status, delivery.attempts) == (Status.DELIVERED, 2)


def test_what_fails_is_tried_again_later_and_arrives(key: ApiKey, systems: Receiver) -> None:
    channel("webhook", {"url": systems.url("/scripted")})
    systems.answers = [500, 429]
    raised(key)
    [delivery] = deliveries()
    assert (delivery.status, delivery.last_problem) == (Status.PENDING, "It answered 500.")
    assert watch().send_at == delivery.next_try_at > clock.now() + timedelta(seconds=3)
    assert send() == 0
    for _ in range(2):
        make_due()
        send()
    [delivery] = deliveries()
    assert (delivery.status, [entry["status"] for entry in delivery.log]) == (Status.DELIVERED, [500, 429, 200])
    assert watch().send_at is None
    assert len({headers["webhook-id"] for _, headers, _ in systems.got}) == 1


def test_after_a_day_it_is_given_up(key: ApiKey, systems: Receiver) -> None:
    channel("webhook", {"url": systems.url("/fail")})
    raised(key)
    with inside(MERCEDES):
        Delivery.objects.update(first_try_at=clock.now() - timedelta(hours=25))
    make_due()
    send()
    assert [delivery.status for delivery in deliveries()] == [Status.FAILED]


def test_nobody_is_told_of_a_beginning_after_the_end(key: ApiKey, systems: Receiver) -> None:
    """The trigger failed and waits to be tried again; meanwhile somebody resolves: only the end goes out."""
    channel("webhook", {"url": systems.url("/scripted")})
    systems.answers = [500]
    alert = raised(key)
    act(handling.resolve, alert)
    make_due()
    send()
    assert [(delivery.event, delivery.status) for delivery in deliveries()] == [
        ("alert.raised", Status.SUPERSEDED), ("alert.resolved", Status.DELIVERED)
    ]  # fmt: skip


def test_what_was_over_before_anybody_was_told_is_not_told(key: ApiKey, systems: Receiver) -> None:
    channel("webhook", {"url": systems.url("/ok")})
    tried(key)
    look()
    act(handling.resolve, alerts()[0])
    send()
    assert systems.got == []
    assert [delivery.status for delivery in deliveries()] == [Status.SUPERSEDED]


def test_in_quiet_times_messages_wait_but_for_what_is_critical(
    key: ApiKey, systems: Receiver, set_clock: SetClock
) -> None:
    channel("webhook", {"url": systems.url("/ok")})
    night = NOON.replace(hour=22)  # 23:00 in Berlin
    with inside(MERCEDES):
        calendars.set_hours(calendars.BusinessHours("Europe/Berlin"), actor=builders.actor())
        for kind in ("unknown_hostname", "cross_tenant"):
            quiet = {"quiet_from": time(20), "quiet_until": time(7)}
            rules.change(kind, quiet, actor=builders.actor())
    set_clock(night)
    tried(key)
    happened("key.refused", code="wrong_tenant", key_id=key.id, ip=THERE)
    look()
    send()
    assert [jsonmoney.loads(body)["data"]["kind"] for *_, body in systems.got] == ["cross_tenant"]
    assert watch().send_at == datetime(2026, 11, 19, 6, tzinfo=UTC), "7:00 in Berlin"
    set_clock(datetime(2026, 11, 19, 6, tzinfo=UTC))
    send()
    assert len(systems.got) == 2


def test_a_channel_hears_what_it_wants_to_hear(key: ApiKey, systems: Receiver) -> None:
    channel("webhook", {"url": systems.url("/ok")}, least_severity="high")
    channel("webhook", {"url": systems.url("/late")}, kinds=["new_admin"])
    channel("webhook", {"url": systems.url("/ok")}, is_active=False)
    raised(key)
    assert systems.got == []
    happened("key.refused", code="wrong_tenant", key_id=key.id, ip=THERE)
    look()
    send()
    assert [path for path, *_ in systems.got] == ["/ok"]


@pytest.mark.parametrize("kind", ["webhook", "slack", "pagerduty", "email"])
def test_a_test_message_goes_out_and_is_logged(db: None, systems: Receiver, kind: str) -> None:
    targets = {
        "webhook": {"url": systems.url("/ok")}, "slack": {"url": systems.url(SLACK)}, "pagerduty": {"routing_key": ROUTING_KEY},
        "email": {"to": ["security@mercedes-benz.com"]},
    }  # fmt: skip
    made, _ = channel(kind, targets[kind], least_severity="critical")
    with inside(MERCEDES):
        trying.send_test(made.id, actor=builders.actor())
    assert send() == 1
    assert [(delivery.event, delivery.status) for delivery in deliveries()] == [("alert.test", Status.DELIVERED)]
    assert len(systems.got) + len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("kind", "target", "field"),
    [
        ("email", {}, "target.to"),
        ("email", {"to": ["nobody"]}, "target.to"),
        ("email", {"roles": ["viewer"]}, "target.roles"),
        ("slack", {"url": "https://evil.example/services/T/B/XXXXXXXXX"}, "target.url"),
        ("slack", {"url": "https://hooks.slack.com.evil.example/services/T/B/XXXXXXXXX"}, "target.url"),
        ("slack", {"url": "https://hooks.slack.com@evil.example/services/T/B/XXXXXXXXX"}, "target.url"),
        ("slack", {"url": "https://hooks.slack.com/../services/T/B"}, "target.url"),
        ("pagerduty", {"routing_key": "short"}, "target.routing_key"),
    ],
)
def test_a_target_that_can_not_be_one_is_refused(db: None, kind: str, target: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        channel(kind, target)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_webhook_goes_to_public_addresses_only(db: None) -> None:
    for url in ("https://127.0.0.1/x", "https://[::ffff:10.0.0.1]/x", "http://example.com/x"):
        with pytest.raises(Refusal, match=r"."):
            channel("webhook", {"url": url})


def test_there_is_an_end_to_channels(db: None) -> None:
    for _ in range(20):
        channel("email", {"to": ["a@b.example"]})
    with pytest.raises(TooManyChannels):
        channel("email", {"to": ["a@b.example"]})


def test_secrets_are_sealed_and_a_change_keeps_what_is_not_named(db: None, systems: Receiver) -> None:
    made, secret = channel("webhook", {"url": systems.url("/ok")})
    with inside(MERCEDES):
        assert secret.encode() not in bytes(Channel.objects.get().sealed_target)
        changed = channels.change(
            made.id, {"name": "ours", "target": {"url": systems.url("/late")}}, actor=builders.actor()
        )
        assert channels.target_of(changed) == {"url": systems.url("/late"), "secret": secret}
        _, other = channels.rotate_secret(made.id, actor=builders.actor())
        assert other != secret


def test_administrators_are_told_by_mail_until_somebody_decides_otherwise(db: None) -> None:
    look()
    with inside(MERCEDES):
        [made] = Channel.objects.all()
        assert (made.kind, made.hint) == ("email", "owner, license_admin")
        channels.remove(made.id, actor=builders.actor())
    look()
    with inside(MERCEDES):
        assert not Channel.objects.exists()


SEND = """
import django; django.setup()
from alerts import sending
sending.send_due()
"""


def test_what_a_killed_worker_was_sending_is_sent_by_another(committed: None, systems: Receiver) -> None:
    with inside(MERCEDES):
        builders.tenant_key(id="key-042")
        key = ApiKey.objects.get()
    made, _ = channel("webhook", {"url": systems.url("/hang")})
    tried(key)
    look()
    environment = os.environ | {"WEBHOOKS_ALLOW_PRIVATE": "on", "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base"}
    worker = subprocess.Popen([sys.executable, "-c", SEND], env=environment)
    systems.wait_for(1)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    assert send() == 0, "the dead worker's claims must lapse first"
    with inside(MERCEDES):
        channels.change(made.id, {"target": {"url": systems.url("/ok")}}, actor=builders.actor())
        Delivery.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    with platform():
        Watch.objects.update(send_at=clock.now())
    assert send() == 1
    first, second = systems.got
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert [delivery.status for delivery in deliveries()] == [Status.DELIVERED]
    assert sending.send_due() == 0
