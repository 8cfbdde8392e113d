"""Webhooks against a real receiver that fails, hangs, redirects, answers late and hangs up in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from billing import rollup
from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks import deliveries, endpoints, sending
from cloudlicenses.kit import clock
from cloudlicenses.sealing import data_keys
from cloudlicenses.web.outgoing import queue, wire
from cloudlicenses.web.outgoing.problems import Unsent
from tenants.context import acting_for
from tests import builders, cast
from tests.billing import history, receiver
from tests.billing.conftest import SetClock
from tests.billing.receiver import Receiver

STATUS = WebhookDelivery.Status


@pytest.fixture
def vendors_system(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with receiver.running() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    monkeypatch.setattr(wire, "TOTAL_SECONDS", 1.0)


def listening(url: str, **more: Any) -> tuple[WebhookEndpoint, str]:
    with acting_for(cast.VECTOR.id):
        return endpoints.add(cast.VECTOR.id, url=url, listens_to=["invoice.created"], actor=builders.actor(), **more)


def waiting(url: str, count: int = 1, **more: Any) -> str:
    """So many messages for a new endpoint; its secret."""
    endpoint, secret = listening(url, **more)
    for number in range(count):
        body = f'{{"total":27000.00,"number":{number}}}'
        message = deliveries.Message(cast.VECTOR.id, "invoice.created", f"msg-{endpoint.id}-{number}", body)
        WebhookDelivery.objects.bulk_create([deliveries._delivery(endpoint, message)])
    return secret


def sent() -> WebhookDelivery:
    """The one delivery, after a round of sending."""
    sending.send_due()
    return WebhookDelivery.objects.get()


def make_due() -> None:
    WebhookDelivery.objects.update(next_try_at=clock.now() - timedelta(seconds=1))


def test_the_closed_months_invoice_arrives_signed(db: None, vendors_system: Receiver) -> None:
    _, secret = listening(vendors_system.url("/ok"), authorization="vector-internal-key")
    license = history.sold(to=history.customer())
    history.checkouts(license, 44)
    (invoice,) = rollup.close_month(date(2025, 11, 1)).invoices
    delivery = sent()
    (_, headers, body) = vendors_system.got[0]
    assert (delivery.status, delivery.last_status, delivery.attempts) == (STATUS.DELIVERED, 200, 1)
    assert body == invoice.body.encode()
    assert b'"total":27000.00' in body
    assert headers["authorization"] == "Bearer vector-internal-key"
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{vendors_system.port}"
    Webhook(secret).verify(body, headers)


def test_keys_are_opened_on_the_connection_that_claimed(db: None, vendors_system: Receiver) -> None:
    """Here nobody else sees what is not committed: a thread that asked for a key on a connection of its own would find none."""
    waiting(vendors_system.url("/ok"))
    data_keys._open.forget_all()
    assert sent().status == STATUS.DELIVERED


def test_a_message_that_can_not_be_signed_keeps_no_other_waiting(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/ok"))
    WebhookEndpoint.objects.update(sealed_secret=b"nothing sealed")
    waiting(vendors_system.url("/ok"))
    sending.send_due()
    found = {(one.status, one.last_problem) for one in WebhookDelivery.objects.all()}
    assert found == {(STATUS.PENDING, "It could not be signed."), (STATUS.DELIVERED, "")}


def test_after_a_rotation_both_secrets_verify_for_a_day(
    db: None, vendors_system: Receiver, set_clock: SetClock
) -> None:
    endpoint, former = listening(vendors_system.url("/ok"))
    with acting_for(cast.VECTOR.id):
        _, secret = endpoints.rotate_secret(endpoint.id, actor=builders.actor())
    endpoint.refresh_from_db()
    assert endpoints.secrets_of(endpoint) == [secret, former]
    set_clock(clock.now() + timedelta(hours=24, seconds=1))
    assert endpoints.secrets_of(endpoint) == [secret]


def test_a_failure_is_tried_again_later_and_arrives(db: None, vendors_system: Receiver, set_clock: SetClock) -> None:
    set_clock(clock.now())  # it stands: seconds are counted
    secret = waiting(vendors_system.url("/scripted"))
    vendors_system.answers = [500, 429]
    delivery = sent()
    assert (delivery.status, delivery.last_problem) == (STATUS.PENDING, "It answered 500.")
    assert delivery.next_try_at > clock.now() + timedelta(seconds=3)
    assert sending.send_due() == 0
    make_due()
    sent()
    make_due()
    delivery = sent()
    assert (delivery.status, delivery.attempts) == (STATUS.DELIVERED, 3)
    assert [entry["status"] for entry in delivery.log] == [500, 429, 200]
    assert len({headers["webhook-id"] for _, headers, _ in vendors_system.got}) == 1
    for _, headers, body in vendors_system.got:
        Webhook(secret).verify(body, headers)


def test_after_three_days_it_is_given_up(db: None, vendors_system: Receiver, set_clock: SetClock) -> None:
    waiting(vendors_system.url("/fail"))
    start, tries = clock.now(), 0
    while (delivery := WebhookDelivery.objects.get()).status == STATUS.PENDING:
        set_clock(max(delivery.next_try_at, clock.now()))
        sending.send_due()
        tries += 1
    assert delivery.status == STATUS.FAILED
    assert timedelta(days=3) <= clock.now() - start <= timedelta(days=3, hours=8)
    assert 15 <= tries <= 40
    assert len(delivery.log) == tries
    assert delivery.log[-1]["answer"] == "out of order"


def test_redelivery_sends_the_same_message_again(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/ok"))
    delivery = sent()
    with acting_for(cast.VECTOR.id):
        deliveries.redeliver(delivery.endpoint_id, delivery.id, actor=builders.actor())
    again = sent()
    assert (again.status, again.attempts, len(again.log)) == (STATUS.DELIVERED, 2, 2)
    first, second = vendors_system.got
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])


def test_a_failed_delivery_gets_another_three_days(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/fail"))
    delivery = sent()
    WebhookDelivery.objects.update(status=STATUS.FAILED, first_try_at=clock.now() - timedelta(days=9))
    with acting_for(cast.VECTOR.id):
        deliveries.redeliver(delivery.endpoint_id, delivery.id, actor=builders.actor())
    assert sent().status == STATUS.PENDING


def test_a_redirect_is_a_failure_and_is_not_followed(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/redirect"))
    delivery = sent()
    assert (delivery.status, delivery.last_status) == (STATUS.PENDING, 302)
    assert [path for path, *_ in vendors_system.got] == ["/redirect"]


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_one_that_does_not_come_to_an_end_is_left(
    db: None, vendors_system: Receiver, impatient: None, path: str
) -> None:
    waiting(vendors_system.url(path))
    delivery = sent()  # whoever is waited for longer comes to another end, a minute later and more
    assert (delivery.status, delivery.last_status) == (STATUS.PENDING, None)
    assert delivery.last_problem == "It did not answer in time."


def test_one_that_answers_late_but_in_time_has_it(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/late"))
    delivery = sent()
    assert delivery.status == STATUS.DELIVERED
    assert delivery.log[0]["duration_ms"] >= receiver.LATE_SECONDS * 1000


def test_one_that_hangs_up_is_tried_again(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/close"))
    delivery = sent()
    assert delivery.status == STATUS.PENDING
    assert delivery.last_problem.startswith("The connection failed")


def test_a_status_without_the_rest_of_its_answer_counts(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/half"))
    delivery = sent()
    assert (delivery.status, delivery.log[0]["answer"]) == (STATUS.DELIVERED, "only this")


def test_of_an_endless_answer_little_is_read(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/endless"))
    delivery = sent()
    assert delivery.status == STATUS.DELIVERED
    assert len(delivery.log[0]["answer"]) == queue.KEPT_OF_AN_ANSWER


def test_nobody_listening_is_a_failure(db: None, vendors_system: Receiver) -> None:
    waiting("http://127.0.0.1:1/in")
    assert sent().last_problem.startswith("The connection failed")


def test_one_that_hangs_does_not_keep_the_others_waiting(db: None, vendors_system: Receiver, impatient: None) -> None:
    waiting(vendors_system.url("/hang"), count=10)
    waiting(vendors_system.url("/ok"), count=3)
    claimed = sending._claim()
    assert sorted(delivery.endpoint.url.rpartition("/")[2] for delivery in claimed) == ["hang"] * 4 + ["ok"] * 3
    assert sending._claim() == []


def test_an_endpoint_that_was_switched_off_waits(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/ok"))
    WebhookEndpoint.objects.update(is_active=False)
    assert sent().attempts == 0
    WebhookEndpoint.objects.update(is_active=True)
    assert sent().status == STATUS.DELIVERED


def test_what_happens_during_a_pause_arrives_after_it(db: None, vendors_system: Receiver) -> None:
    listening(vendors_system.url("/ok"))
    WebhookEndpoint.objects.update(is_active=False)
    message = deliveries.Message(cast.VECTOR.id, "invoice.created", "msg-1", "{}")
    assert deliveries.enqueue([message]) == 1
    assert sent().attempts == 0
    WebhookEndpoint.objects.update(is_active=True)
    assert sent().status == STATUS.DELIVERED


def test_two_workers_send_each_message_once(committed: None, vendors_system: Receiver) -> None:
    for _ in range(6):
        waiting(vendors_system.url("/late"), count=2)

    def work() -> None:
        try:
            sending.send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [headers["webhook-id"] for _, headers, _ in vendors_system.got]
    assert (len(ids), len(set(ids))) == (12, 12)


SEND = "import django; django.setup(); from billing.webhooks import sending; sending.send_due()"


def test_what_a_killed_worker_was_sending_is_sent_by_another(committed: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/hang"))
    environment = os.environ | {"WEBHOOKS_ALLOW_PRIVATE": "on", "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base"}
    worker = subprocess.Popen([sys.executable, "-c", SEND], env=environment)
    vendors_system.wait_for(1)
    worker.send_signal(signal.SIGKILL)
    worker.wait(60)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.log) == (STATUS.PENDING, 1, [])
    assert sending.send_due() == 0, "the dead worker's claim must lapse first"
    WebhookEndpoint.objects.update(url=vendors_system.url("/ok"))
    WebhookDelivery.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    delivery = sent()
    assert (delivery.status, delivery.attempts) == (STATUS.DELIVERED, 2)
    first, second = vendors_system.got
    assert first[1]["webhook-id"] == second[1]["webhook-id"]


def test_a_late_worker_does_not_undo_what_a_later_attempt_decided(db: None, vendors_system: Receiver) -> None:
    waiting(vendors_system.url("/ok"))
    (slow,) = sending._claim()
    WebhookDelivery.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    assert sent().status == STATUS.DELIVERED
    sending.QUEUE.write_down(slow, queue.Outcome(datetime.now(UTC), None, 60_000, Unsent("timed_out")))
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, len(delivery.log)) == (STATUS.DELIVERED, 2)


def test_old_deliveries_are_forgotten_but_not_what_waits(db: None) -> None:
    waiting("https://vector.example/in", count=3)
    first, second, _ = WebhookDelivery.objects.order_by("message_id")
    long_ago = clock.now() - deliveries.KEPT - timedelta(seconds=1)
    WebhookDelivery.objects.filter(id__in=[first.id, second.id]).update(created_at=long_ago)
    WebhookDelivery.objects.filter(id=first.id).update(status=STATUS.FAILED)
    assert deliveries.forget_old() == 1
    assert not WebhookDelivery.objects.filter(id=first.id).exists()
    WebhookEndpoint.objects.update(is_active=False)
    assert deliveries.forget_old() == 1
    assert not WebhookDelivery.objects.filter(id=second.id).exists()


@pytest.mark.parametrize(
    ("trying_for", "shortest", "longest"),
    [(0, 4, 6), (5, 8, 12), (15, 24, 36), (3 * 86400, 6 * 3600 * 0.8, 6 * 3600 * 1.2)],
)
def test_pauses_grow_and_differ(trying_for: float, shortest: float, longest: float) -> None:
    pauses = [sending.QUEUE.pause_after(timedelta(seconds=trying_for)).total_seconds() for _ in range(50)]
    assert shortest <= min(pauses) < max(pauses) <= longest
