"""Alerts over HTTP, for a tenant's people and automation: the alerts, the rules, where they go, and the business hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from alerts import calendars, channels, deliveries, handling, queries, rules, serializers, shown, trying
from cloudlicenses.web.pagination import PARAMETERS, answer_of, page_of
from keys.faces import TenantApi

READ, MANAGE = "alerts:read", "alerts:manage"
CHANNEL_ORDER = ("created_at", "id")
RULES = inline_serializer("AlertRules", {"data": serializers.RuleAnswer(many=True)})


class Alerts(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="list_alerts",
        parameters=[serializers.AlertQuery, *PARAMETERS],
        responses={200: answer_of("AlertPage", serializers.AlertAnswer)},
    )
    def get(self, request: Request) -> Response:
        """Alerts, those first that happened last."""
        asked = serializers.AlertQuery(data={name: value for name, value in request.query_params.items() if value})
        asked.is_valid(raise_exception=True)
        found = queries.alerts(queries.Wanted(**asked.validated_data))
        return Response(page_of(found, request.query_params, shown.alert, order=queries.NEWEST_FIRST))


class Alert(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="get_alert", responses={200: serializers.AlertAnswer})
    def get(self, request: Request, alert_id: str) -> Response:
        """One alert."""
        return Response(shown.alert(queries.alert_for(alert_id)))


class Acknowledgement(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="acknowledge_alert", request=serializers.NoteRequest, responses={200: serializers.AlertAnswer}
    )
    def post(self, request: Request, alert_id: str) -> Response:
        """Somebody is at it. Repeatable; who was first stays."""
        said = _checked(serializers.NoteRequest, request)
        return Response(shown.alert(handling.acknowledge(alert_id, actor=self.actor, note=said["note"])))


class Resolution(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="resolve_alert", request=serializers.NoteRequest, responses={200: serializers.AlertAnswer}
    )
    def post(self, request: Request, alert_id: str) -> Response:
        """It is over. Repeatable; when it happens again, another alert is raised."""
        said = _checked(serializers.NoteRequest, request)
        return Response(shown.alert(handling.resolve(alert_id, actor=self.actor, note=said["note"])))


class Rules(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="list_alert_rules", responses={200: RULES})
    def get(self, request: Request) -> Response:
        """How each kind of alert is treated here."""
        return Response({"data": [serializers.rule(ruling) for ruling in rules.all_rules().values()]})


class Rule(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"PATCH": MANAGE}

    @extend_schema(
        operation_id="change_alert_rule", request=serializers.RuleRequest, responses={200: serializers.RuleAnswer}
    )
    def patch(self, request: Request, kind: str) -> Response:
        """On or off, how grave, from which thresholds on, and when messages wait."""
        sent = serializers.RuleRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(serializers.rule(rules.change(kind, sent.changes(), actor=self.actor)))


class Channels(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "POST": MANAGE}

    @extend_schema(
        operation_id="list_alert_channels",
        parameters=PARAMETERS,
        responses={200: answer_of("AlertChannelPage", serializers.ChannelAnswer)},
    )
    def get(self, request: Request) -> Response:
        """Where alerts go, besides the dashboard."""
        return Response(
            page_of(channels.all_channels(), request.query_params, serializers.channel, order=CHANNEL_ORDER)
        )

    @extend_schema(
        operation_id="add_alert_channel",
        request=serializers.AddChannelRequest,
        responses={201: serializers.ChannelWithSecret},
    )
    def post(self, request: Request) -> Response:
        """A new channel. A webhook's signing secret is in this answer only."""
        wanted = _checked(serializers.AddChannelRequest, request)
        kind, target = wanted.pop("kind"), wanted.pop("target")

        def add() -> tuple[int, dict[str, Any]]:
            channel, secret = channels.add(kind, target, actor=self.actor, **wanted)
            return 201, serializers.channel(channel) | {"secret": secret}

        return self.once(request, add)


class Channel(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(operation_id="get_alert_channel", responses={200: serializers.ChannelAnswer})
    def get(self, request: Request, channel_id: str) -> Response:
        """One channel."""
        return Response(serializers.channel(channels.channel_for(channel_id)))

    @extend_schema(
        operation_id="change_alert_channel",
        request=serializers.ChangeChannelRequest,
        responses={200: serializers.ChannelAnswer},
    )
    def patch(self, request: Request, channel_id: str) -> Response:
        """Another target, other alerts, or a pause."""
        changes = _checked(serializers.ChangeChannelRequest, request)
        return Response(serializers.channel(channels.change(channel_id, changes, actor=self.actor)))

    @extend_schema(operation_id="remove_alert_channel", responses={204: None})
    def delete(self, request: Request, channel_id: str) -> Response:
        """The channel, what waits for it, and the log of what it was sent."""
        channels.remove(channel_id, actor=self.actor)
        return Response(status=204)


class ChannelSecret(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="rotate_alert_channel_secret", request=None, responses={200: serializers.ChannelWithSecret}
    )
    def post(self, request: Request, channel_id: str) -> Response:
        """A webhook's new signing secret, in this answer only. For 24 hours messages are signed with the former one too."""

        def rotate() -> tuple[int, dict[str, Any]]:
            channel, secret = channels.rotate_secret(channel_id, actor=self.actor)
            return 200, serializers.channel(channel) | {"secret": secret}

        return self.once(request, rotate)


class ChannelTest(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="test_alert_channel", request=None, responses={202: serializers.ChannelAnswer})
    def post(self, request: Request, channel_id: str) -> Response:
        """A message that says it is a test, to this channel alone; what became of it stands in its deliveries."""
        return Response(serializers.channel(trying.send_test(channel_id, actor=self.actor)), status=202)


class Deliveries(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="list_alert_deliveries",
        parameters=PARAMETERS,
        responses={200: answer_of("AlertDeliveryPage", serializers.AlertDelivery)},
    )
    def get(self, request: Request, channel_id: str) -> Response:
        """What a channel was sent, newest first."""
        found = deliveries.of_channel(channels.channel_for(channel_id))
        return Response(page_of(found, request.query_params, serializers.delivery, order=("-created_at", "-id")))


class Hours(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "PUT": MANAGE}

    @extend_schema(operation_id="get_business_hours", responses={200: serializers.BusinessHoursBody})
    def get(self, request: Request) -> Response:
        """When people work here."""
        return Response(calendars.as_json(calendars.business_hours()))

    @extend_schema(
        operation_id="set_business_hours",
        request=serializers.BusinessHoursBody,
        responses={200: serializers.BusinessHoursBody},
    )
    def put(self, request: Request) -> Response:
        """In force for the next checkout."""
        sent = serializers.BusinessHoursBody(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(calendars.as_json(calendars.set_hours(sent.wanted(), actor=self.actor)))


def _checked(kind: type[Any], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
