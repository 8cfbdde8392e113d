"""Use over time."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.web.fields import Day, Line
from keys.faces import VendorApi
from vendors import usage
from vendors.api.shapes import UsageRowAnswer

ANSWER = inline_serializer(
    "UsageAnswer",
    {
        "start_date": serializers.DateField(),
        "end_date": serializers.DateField(),
        "granularity": serializers.ChoiceField(list(usage.LONGEST_DAYS)),
        "data": UsageRowAnswer(many=True),
    },
)


class UsageQuery(serializers.Serializer[Any]):
    start_date = Day()
    end_date = Day(help_text="The last day, UTC.")
    granularity = serializers.ChoiceField(list(usage.LONGEST_DAYS), default="day")
    crm_account_id = Line(required=False, max_length=100)
    tenant_id = Line(required=False, max_length=40)
    product_id = Line(required=False, max_length=100)


class Usage(VendorApi):
    @extend_schema(operation_id="get_vendor_usage", parameters=[UsageQuery], responses={200: ANSWER})
    def get(self, request: Request) -> Response:
        """By customer, product and hour or day; never anything of people or machines."""
        asked = UsageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = usage.rows(self.vendor_id, usage.Range(**wanted))
        return Response(ANSWER.to_representation({**wanted, "data": rows}))
