"""What the API of alerts takes and gives."""

from __future__ import annotations

from datetime import time
from typing import Any

from rest_framework import serializers

from alerts import calendars, queries
from alerts.calendars import BusinessHours, Holiday
from alerts.kinds import KINDS, SEVERITIES, bounds_of_thresholds
from alerts.models import Alert, Channel, Delivery
from alerts.rules import Ruling
from cloudlicenses.kit import clock
from cloudlicenses.web.fields import Day, Flag, Line, Whole
from cloudlicenses.web.json import FreeFormField
from cloudlicenses.web.outgoing.signing import still_until

LANGUAGES = ("en", "de")
BOUNDS = bounds_of_thresholds()


class TimeOfDay(Line):
    """`07:30`, in the zone of the tenant's calendar."""

    pattern = "([01][0-9]|2[0-3]):[0-5][0-9]"
    default_error_messages = {"shape": "A time of day, as 07:30."}


class AlertQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(queries.STATUSES, required=False, help_text="`unresolved`: open or acknowledged.")
    kind = serializers.ChoiceField(list(KINDS), required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    about = Line(required=False, max_length=254, help_text="A key, address or person: an id, or words of a name.")


class Subject(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["key", "address", "user", "license", "product"])
    id = serializers.CharField()
    name = serializers.CharField()


class AlertAnswer(serializers.Serializer[Any]):
    """Something unusual about one subject, with how often it happened."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(list(KINDS))
    severity = serializers.ChoiceField(SEVERITIES)
    status = serializers.ChoiceField(Alert.Status.values)
    count = serializers.IntegerField(help_text="How often it happened since the alert was raised.")
    title = serializers.CharField()
    summary = serializers.CharField()
    subject = Subject()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(help_text="Empty: by itself, or not yet.")
    resolved_because = serializers.CharField(help_text="Why it resolved by itself.")
    note = serializers.CharField()
    facts = FreeFormField(help_text="Of the last time: address, hostname, code of the refusal, …")
    url = serializers.CharField()


class NoteRequest(serializers.Serializer[Any]):
    note = Line(required=False, allow_blank=True, default="", max_length=500)


class ThresholdAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.IntegerField()
    usual = serializers.IntegerField()
    least = serializers.IntegerField()
    most = serializers.IntegerField()


class RuleAnswer(serializers.Serializer[Any]):
    """How a kind of alert is treated. Quiet times are in the zone of the business hours; what is critical never waits."""

    kind = serializers.ChoiceField(list(KINDS))
    title = serializers.CharField()
    meaning = serializers.CharField()
    is_on = serializers.BooleanField()
    severity = serializers.ChoiceField(SEVERITIES)
    thresholds = ThresholdAnswer(many=True)
    quiet_from = serializers.CharField(allow_null=True)
    quiet_until = serializers.CharField(allow_null=True)


class Thresholds(serializers.Serializer[Any]):
    """Each kind of alert has some of them; another one's is refused."""

    def get_fields(self) -> dict[str, Any]:
        return {name: Whole(min_value=least, max_value=most, required=False) for name, (least, most) in BOUNDS.items()}


class RuleRequest(serializers.Serializer[Any]):
    is_on = Flag(required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    thresholds = Thresholds(required=False)
    quiet_from = TimeOfDay(required=False, allow_null=True)
    quiet_until = TimeOfDay(required=False, allow_null=True)

    def changes(self) -> dict[str, Any]:
        said = dict(self.validated_data)
        times = {
            name: said[name] and time.fromisoformat(said[name])
            for name in ("quiet_from", "quiet_until")
            if name in said
        }
        return said | times


class ChannelAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Channel.Kind.values)
    name = serializers.CharField()
    is_active = serializers.BooleanField()
    least_severity = serializers.ChoiceField(SEVERITIES)
    kinds = serializers.ListField(child=serializers.ChoiceField(list(KINDS)), help_text="Empty: all.")
    language = serializers.ChoiceField(LANGUAGES)
    target = serializers.CharField(help_text="Enough to know it again.")
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Of a webhook: messages are signed with the former secret too, until then."
    )
    created_at = serializers.DateTimeField()


class ChannelWithSecret(ChannelAnswer):
    secret = serializers.CharField(help_text="Of a webhook, whsec_…: shown now and never again. Empty for the others.")


class Target(serializers.Serializer[Any]):
    """email: `to` and `roles`; webhook and slack: `url`; pagerduty: `routing_key`."""

    to = serializers.ListField(child=Line(max_length=254), max_length=20, required=False)
    roles = serializers.ListField(
        child=serializers.ChoiceField(["owner", "license_admin"]), max_length=4, required=False
    )
    url = Line(max_length=500, required=False)
    routing_key = Line(max_length=64, required=False)


class _Wishes(serializers.Serializer[Any]):
    is_active = Flag(required=False)
    least_severity = serializers.ChoiceField(SEVERITIES, required=False)
    kinds = serializers.ListField(child=serializers.ChoiceField(list(KINDS)), max_length=30, required=False)
    language = serializers.ChoiceField(LANGUAGES, required=False)

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        return sorted(set(kinds))


class AddChannelRequest(_Wishes):
    kind = serializers.ChoiceField(Channel.Kind.values)
    name = Line(max_length=100)
    target = Target()


class ChangeChannelRequest(_Wishes):
    name = Line(max_length=100, required=False)
    target = Target(required=False)


class AlertDelivery(serializers.Serializer[Any]):
    id = serializers.CharField()
    alert_id = serializers.CharField(allow_null=True, help_text="null: a test.")
    event = serializers.CharField()
    receiver = serializers.CharField(help_text="Of a mail.")
    status = serializers.ChoiceField(Delivery.Status.values)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_problem = serializers.CharField()


class HolidayField(serializers.Serializer[Any]):
    day = Day()
    name = Line(max_length=calendars.LONGEST_NAME, allow_blank=True, required=False, default="")


class HoursField(serializers.ListField):
    """`["07:00", "20:00"]`; an end of 00:00 is the day's end."""

    child = TimeOfDay()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_length": 2, "max_length": 2} | options)


class BusinessHoursBody(serializers.Serializer[Any]):
    """`hours`: of Monday to Sunday; null when closed."""

    zone = Line(max_length=64, help_text="As the time zone database names it: Europe/Berlin.")
    hours = serializers.ListField(child=HoursField(allow_null=True), min_length=7, max_length=7)
    holidays = serializers.ListField(child=HolidayField(), max_length=calendars.MOST_HOLIDAYS)

    def wanted(self) -> BusinessHours:
        said = self.validated_data
        hours = tuple(
            (time.fromisoformat(day[0]), time.fromisoformat(day[1])) if day else None for day in said["hours"]
        )
        return BusinessHours(
            said["zone"], hours, tuple(Holiday(each["day"], each["name"]) for each in said["holidays"])
        )


def rule(found: Ruling) -> dict[str, Any]:
    return {
        "kind": found.kind.name,
        "title": str(found.kind.title),
        "meaning": str(found.kind.meaning),
        "is_on": found.is_on,
        "severity": found.severity,
        "thresholds": [
            {"name": each.name, "value": found.thresholds[each.name], "usual": each.usual, "least": each.least, "most": each.most}
            for each in found.kind.thresholds
        ],
        "quiet_from": f"{found.quiet_from:%H:%M}" if found.quiet_from else None,
        "quiet_until": f"{found.quiet_until:%H:%M}" if found.quiet_until else None,
    }  # fmt: skip


def channel(found: Channel) -> dict[str, Any]:
    same = ("id", "kind", "name", "is_active", "least_severity", "kinds", "language")
    told = {name: getattr(found, name) for name in same}
    until = still_until(found.former_secret_until)
    return told | {
        "target": found.hint,
        "former_secret_until": clock.rfc3339(until) if until else None,
        "created_at": clock.rfc3339(found.created_at),
    }


def delivery(found: Delivery) -> dict[str, Any]:
    is_waiting = found.status == Delivery.Status.PENDING
    same = ("id", "alert_id", "event", "receiver", "status", "attempts", "last_status", "last_problem")
    return {name: getattr(found, name) for name in same} | {
        "created_at": clock.rfc3339(found.created_at),
        "next_try_at": clock.rfc3339(found.next_try_at) if is_waiting else None,
        "delivered_at": clock.rfc3339(found.delivered_at) if found.delivered_at else None,
    }
