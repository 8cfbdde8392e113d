"""Messages that fail, wait, or lose their worker: tried again, in order, and never holding up another's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta

from pytest_django import Settings

from accounts.models import Role
from alerts import calendars, channels, handling, rules, sending
from alerts.models import Channel, Delivery
from alerts.watch.models import Watch
from cloudlicenses.kit import clock, jsonmoney
from keys.models import ApiKey
from tenants.context import inside, platform
from tests import builders
from tests.alerts.conftest import MERCEDES, NOON, THERE, SetClock, alerts, happened, look, send, watch
from tests.alerts.sent import ROUTING_KEY, act, channel, deliveries, make_due, raised, tried
from tests.billing.receiver import Receiver

Status = Delivery.Status


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


def test_what_fails_is_tried_again_later_and_arrives(key: ApiKey, systems: Receiver, set_clock: SetClock) -> None:
    set_clock(clock.now())  # it stands: seconds are counted
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


def test_the_end_does_not_overtake_a_beginning_that_is_under_way(key: ApiKey, systems: Receiver) -> None:
    channel("pagerduty", {"routing_key": ROUTING_KEY})
    tried(key)
    look()
    with inside(MERCEDES):
        assert len(sending.QUEUE.claim()) == 1, "a worker is at it"
    act(handling.acknowledge, alerts()[0])
    act(handling.resolve, alerts()[0])
    began, acknowledged, ended = deliveries()
    assert began.claimed_until is not None
    assert ended.next_try_at == began.claimed_until
    assert acknowledged.status == Status.SUPERSEDED
    assert send() == 0


def test_a_channel_that_can_not_be_opened_keeps_no_other_waiting(key: ApiKey, systems: Receiver) -> None:
    broken, _ = channel("webhook", {"url": systems.url("/ok")})
    channel("webhook", {"url": systems.url("/ok")})
    tried(key)
    look()
    with inside(MERCEDES):
        Channel.objects.filter(id=broken.id).update(sealed_target=b"broken")
    send()
    said = {delivery.endpoint_id == broken.id: (delivery.status, delivery.last_problem) for delivery in deliveries()}
    assert said == {False: (Status.DELIVERED, ""), True: (Status.PENDING, "It could not be sent: Unsealable.")}


def test_what_waits_for_a_paused_channel_goes_out_when_it_is_resumed(key: ApiKey, systems: Receiver) -> None:
    made, _ = channel("webhook", {"url": systems.url("/ok")})
    tried(key)
    look()
    for is_active, sent in ((False, 0), (True, 1)):
        with inside(MERCEDES):
            channels.change(made.id, {"is_active": is_active}, actor=builders.actor())
        assert send() == sent
        assert watch().send_at is None


def test_a_tenant_that_can_not_be_looked_at_holds_up_no_other(key: ApiKey) -> None:
    channel("email", {"to": ["a@b.example"]})
    with inside(MERCEDES):
        Channel.objects.update(sealed_target=b"broken")
    tried(key)
    with platform():
        Watch.objects.update_or_create(tenant_id="bmw", defaults={"look_at": clock.now(), "looked_at": None})
    look()
    with platform():
        assert Watch.objects.get(tenant_id="bmw").looked_at is not None
    assert watch().looked_at is None
    assert watch().look_at > clock.now() + timedelta(seconds=50), "put off"


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
    worker.wait(60)
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
