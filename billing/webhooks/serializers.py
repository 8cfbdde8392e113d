"""What the webhooks' API takes and gives."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks.telling import EVENTS
from cloudlicenses.kit import clock
from cloudlicenses.web.fields import Flag, Line
from cloudlicenses.web.json import FreeFormField
from cloudlicenses.web.outgoing.addresses import LONGEST_URL
from cloudlicenses.web.outgoing.signing import still_until

LISTENABLE = (*EVENTS, "*")


class Token(Line):
    """A bearer token: visible ASCII, as it will stand in a header."""

    pattern = "[!-~]+"
    default_error_messages = {"shape": "Visible ASCII characters only."}


class Url(Line):
    """Where it may lead is said in addresses.py."""

    told: ClassVar[dict[str, Any]] = {"pattern": "^https?://[!-~]+$"}


class _Settings(serializers.Serializer[Any]):
    def validate_events(self, events: list[str]) -> list[str]:
        return sorted(set(events))


class AddRequest(_Settings):
    url = Url(max_length=LONGEST_URL, help_text="https://…, at a public address.")
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=LISTENABLE), min_length=1, max_length=20, default=["invoice.created"]
    )
    authorization = Token(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="Sent as `Authorization: Bearer …` with every message.",
    )


class ChangeRequest(_Settings):
    url = Url(max_length=LONGEST_URL, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=LISTENABLE), min_length=1, max_length=20, required=False
    )
    authorization = Token(max_length=1000, required=False, allow_blank=True, help_text="Empty: none any more.")
    is_active = Flag(required=False, help_text="false: messages wait until it is true again.")


class Endpoint(serializers.Serializer[Any]):
    id = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    has_authorization = serializers.BooleanField()
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Messages are signed with the former secret too, until then."
    )
    created_at = serializers.DateTimeField()


class EndpointWithSecret(Endpoint):
    secret = serializers.CharField(help_text="whsec_…: shown now and never again.")


class Try(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    attempt = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField()
    problem = serializers.CharField(allow_blank=True)
    code = serializers.CharField(
        allow_blank=True,
        required=False,
        help_text="Of the problem, for programs. Tries from before 22 November 2026 have none.",
    )
    about = FreeFormField(required=False, help_text="What the problem is about: host, status, …")
    answer = serializers.CharField(allow_blank=True)


class Delivery(serializers.Serializer[Any]):
    id = serializers.CharField()
    message_id = serializers.CharField(help_text="The webhook-id header.")
    event = serializers.CharField()
    status = serializers.ChoiceField(choices=WebhookDelivery.Status.values)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_problem = serializers.CharField(allow_blank=True)
    body = serializers.CharField(help_text="To the byte what was signed and sent.")
    log = Try(many=True)


def endpoint(found: WebhookEndpoint) -> dict[str, Any]:
    until = still_until(found.former_secret_until)
    return {
        "id": found.id,
        "url": found.url,
        "events": found.events,
        "is_active": found.is_active,
        "has_authorization": bool(found.authorization),
        "former_secret_until": clock.rfc3339(until) if until else None,
        "created_at": clock.rfc3339(found.created_at),
    }


def delivery(found: WebhookDelivery) -> dict[str, Any]:
    is_waiting = found.status == WebhookDelivery.Status.PENDING
    return {
        "id": found.id,
        "message_id": found.message_id,
        "event": found.event,
        "status": found.status,
        "attempts": found.attempts,
        "created_at": clock.rfc3339(found.created_at),
        "next_try_at": clock.rfc3339(found.next_try_at) if is_waiting else None,
        "delivered_at": clock.rfc3339(found.delivered_at) if found.delivered_at else None,
        "last_status": found.last_status,
        "last_problem": found.last_problem,
        "body": found.body,
        "log": found.log,
    }
