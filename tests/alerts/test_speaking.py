"""What each kind of channel is told, over real HTTP and by mail: in its own language, signed, and without strangers' links."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail
from standardwebhooks.webhooks import Webhook

from accounts.models import Role, User
from alerts import handling, trying
from cloudlicenses.kit import jsonmoney
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import MERCEDES, send
from tests.alerts.sent import ROUTING_KEY, SLACK, act, channel, deliveries, raised
from tests.billing.receiver import Receiver


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
        "warning", f"mercedes.{settings.BASE_DOMAIN}", "unknown_hostname"
    )  # fmt: skip
    assert all(ROUTING_KEY not in delivery.body for delivery in deliveries())


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
    assert [(delivery.event, delivery.status) for delivery in deliveries()] == [("alert.test", "delivered")]
    assert len(systems.got) + len(mail.outbox) == 1
