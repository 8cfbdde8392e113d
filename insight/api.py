"""What the dashboard's pages show, for a tenant's automation: usage by license over time, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import queries as audit_queries
from audit.exporting import shown
from audit.sealing import log_of_tenant
from cloudlicenses.web.fields import Day, Line
from cloudlicenses.web.json import FreeFormField
from cloudlicenses.web.pagination import PARAMETERS, answer_of, page_of
from insight import periods
from keys.faces import TenantApi


class UsageRow(serializers.Serializer[Any]):
    """A license in an hour or a day (UTC) in which it was used or refused."""

    period = serializers.DateTimeField(help_text="When it begins.")
    license_id = serializers.CharField()
    vendor_id = serializers.CharField()
    product_id = serializers.CharField()
    peak_in_use = serializers.IntegerField(help_text="The most seats at once.")
    peak_overage = serializers.IntegerField(help_text="The most overage seats at once.")
    seat_hours = serializers.DecimalField(max_digits=14, decimal_places=2)
    checkouts = serializers.IntegerField()
    overage_checkouts = serializers.IntegerField()
    denials = serializers.IntegerField()


class UsageQuery(serializers.Serializer[Any]):
    start_date = Day()
    end_date = Day(help_text="The last day, UTC.")
    granularity = serializers.ChoiceField(list(periods.LONGEST_DAYS), default="day")
    license_id = Line(required=False, max_length=120)
    product_id = Line(required=False, max_length=100)


USAGE = inline_serializer(
    "TenantUsageAnswer",
    {
        "start_date": serializers.DateField(),
        "end_date": serializers.DateField(),
        "granularity": serializers.ChoiceField(list(periods.LONGEST_DAYS)),
        "data": UsageRow(many=True),
    },
)


class Usage(TenantApi):
    narrowed_by = ("license_id", "product_id")
    scopes: ClassVar[Mapping[str, str]] = {"GET": "license:read"}
    rights: ClassVar[Mapping[str, str]] = {"GET": "licenses:read"}

    @extend_schema(operation_id="get_usage", parameters=[UsageQuery], responses={200: USAGE})
    def get(self, request: Request) -> Response:
        """Seats in use, checkouts and denials by license and hour or day; at most two minutes old."""
        asked = UsageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = periods.rows(self.tenant_id, periods.Range(**wanted))
        return Response(USAGE.to_representation({**wanted, "data": rows}))


class AuditQuery(serializers.Serializer[Any]):
    q = Line(
        required=False,
        max_length=254,
        help_text="Any whole value that an entry names: a person, key, host, address, event.",
    )
    event = Line(required=False, max_length=60)
    actor = Line(required=False, max_length=254)
    key_id = Line(required=False, max_length=40)
    result = serializers.ChoiceField(audit_queries.RESULTS, required=False)
    since = Day(required=False, help_text="The first day, UTC.")
    until = Day(required=False, help_text="The last day, UTC.")


class AuditAnswer(serializers.Serializer[Any]):
    """One act: who, what, on what, from where, with which key, with what result."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    event = serializers.CharField()
    result = serializers.ChoiceField(audit_queries.RESULTS)
    code = serializers.CharField(help_text="Of the refusal; empty when there was none.")
    actor_kind = serializers.CharField()
    actor_id = serializers.CharField()
    actor_label = serializers.CharField()
    subject_kind = serializers.CharField()
    subject_id = serializers.CharField()
    key_id = serializers.CharField()
    ip = serializers.CharField(allow_null=True)
    hostname = serializers.CharField()
    fingerprint = serializers.CharField()
    user_agent = serializers.CharField()
    request_id = serializers.CharField()
    facts = FreeFormField()


class Audit(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": "audit:read"}

    @extend_schema(
        operation_id="list_audit",
        parameters=[AuditQuery, *PARAMETERS],
        responses={200: answer_of("AuditPage", AuditAnswer)},
    )
    def get(self, request: Request) -> Response:
        """The audit log, newest first."""
        asked = AuditQuery(data={name: value for name, value in request.query_params.items() if value})
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        wanted = audit_queries.Wanted(about=said.pop("q", ""), **said)
        found = audit_queries.entries(wanted, log_of_tenant(self.tenant_id))
        with audit_queries.found_by_index(wanted):
            return Response(page_of(found, request.query_params, shown, order=audit_queries.NEWEST_FIRST))
