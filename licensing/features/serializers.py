"""What may be asked and told of features."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cloudlicenses.web.fields import Line, Whole
from cloudlicenses.web.json import FreeFormField
from licensing import queries
from licensing.features.verdicts import Verdict
from licensing.models import License, UsageEvent

MOST = 1_000_000_000_000


class Instant(Line):
    """RFC 3339, UTC."""

    pattern = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.]\d{1,6})?Z"


class ValidateFeatureRequest(serializers.Serializer[Any]):
    """`context` is whatever helps the caller to find the question again; its `version`, or `version` itself, is compared."""

    feature = Line(max_length=100)
    product_id = Line(max_length=100, required=False, default="")
    version = Line(max_length=64, required=False, default="")
    context = FreeFormField(required=False)  # type: ignore[assignment]  # a field: the metaclass takes it off the class


class JudgedLicense(serializers.Serializer[Any]):
    license_id = serializers.CharField()
    product_id = serializers.CharField()
    product_name = serializers.CharField()
    vendor_id = serializers.CharField()
    status = serializers.ChoiceField(choices=License.Status.values)
    features = serializers.ListField(child=serializers.CharField())
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    total_licenses = serializers.IntegerField()
    available = serializers.IntegerField()


class VerdictAnswer(serializers.Serializer[Any]):
    """`violations`: codes of what stands against it, none if it is valid."""

    valid = serializers.BooleanField()
    license = JudgedLicense(allow_null=True)
    violations = serializers.ListField(child=serializers.CharField())


class FeatureAnswer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    valid = serializers.BooleanField()
    violations = serializers.ListField(child=serializers.CharField())
    licenses = serializers.ListField(child=serializers.CharField())
    products = serializers.ListField(child=serializers.CharField())


class TrackUsageRequest(serializers.Serializer[Any]):
    feature = Line(max_length=100)
    action = Line(max_length=100, required=False, default="use")
    quantity = Whole(min_value=1, max_value=MOST, required=False, default=1)
    product_id = Line(max_length=100, required=False, default="")
    license_id = Line(max_length=120, required=False, default="")
    timestamp = Instant(required=False, default="")
    metadata = FreeFormField(required=False)


class UsageEventAnswer(serializers.Serializer[Any]):
    event_id = serializers.CharField()
    license_id = serializers.CharField()
    feature = serializers.CharField()
    action = serializers.CharField()
    quantity = serializers.IntegerField()
    timestamp = serializers.DateTimeField()


def shown_verdict(verdict: Verdict) -> dict[str, Any]:
    license_ = verdict.license
    return {
        "valid": verdict.is_valid,
        "license": None if license_ is None else _shown_license(license_),
        "violations": list(verdict.violations),
    }


def shown_use(event: UsageEvent) -> dict[str, Any]:
    same = {name: getattr(event, name) for name in ("license_id", "feature", "action", "quantity")}
    return {"event_id": event.pk, **same, "timestamp": event.at}


def _shown_license(license_: License) -> dict[str, Any]:
    same = (
        "product_id", "product_name", "vendor_id", "status", "features", "starts_at", "ends_at", "total_licenses",
    )  # fmt: skip
    told = {name: getattr(license_, name) for name in same}
    return {"license_id": license_.pk, **told, "available": queries.free_seats(license_)}
