"""Where alerts go: what can be a channel and what can not, how many, what each wants to hear, and that its secrets are sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts import channels, serializers, trying
from alerts.models import Channel
from alerts.refusals import TooManyChannels
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import InvalidInput, Refusal
from cloudlicenses.web.outgoing import signing
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import MERCEDES, THERE, happened, look, send
from tests.alerts.sent import channel, raised
from tests.billing.receiver import Receiver


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
        assert channels.secrets_of(changed, channels.target_of(changed)) == [secret]


def test_after_a_rotation_the_former_secret_signs_for_a_day(db: None, systems: Receiver) -> None:
    def verified_by() -> list[bool]:
        with inside(MERCEDES):
            trying.send_test(made.id, actor=builders.actor())
        send()
        _, headers, body = systems.got[-1]
        return [_verifies(secret, headers, body) for secret in (first, second, third)]

    made, first = channel("webhook", {"url": systems.url("/ok")})
    with inside(MERCEDES):
        _, second = channels.rotate_secret(made.id, actor=builders.actor())
    third = signing.new_secret()
    assert verified_by() == [True, True, False]
    with inside(MERCEDES):
        _, third = channels.rotate_secret(made.id, actor=builders.actor())
    assert verified_by() == [False, True, True], "of former ones the last alone"
    with inside(MERCEDES):
        [until] = Channel.objects.values_list("former_secret_until", flat=True)
        assert timedelta(hours=23, minutes=59) < until - clock.now() <= timedelta(hours=24)
        Channel.objects.update(former_secret_until=clock.now())
    assert verified_by() == [False, False, True]
    with inside(MERCEDES):
        assert serializers.channel(Channel.objects.get())["former_secret_until"] is None


def _verifies(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """As a receiver does, with a library of the standard's own."""
    try:
        Webhook(secret).verify(body, dict(headers))
    except WebhookVerificationError:
        return False
    return True


def test_administrators_are_told_by_mail_until_somebody_decides_otherwise(db: None) -> None:
    look()
    with inside(MERCEDES):
        [made] = Channel.objects.all()
        assert (made.kind, made.hint) == ("email", "owner, license_admin")
        channels.remove(made.id, actor=builders.actor())
    look()
    with inside(MERCEDES):
        assert not Channel.objects.exists()
