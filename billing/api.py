"""What is billed and what it costs: the vendor's export, the customer's costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from billing import costs, serializers
from billing.exports import as_csv, as_json, as_pdf
from billing.exports.report import Report, days_asked_for, report
from keys.faces import TenantApi, VendorApi


class FormatByParameter(BaseContentNegotiation):
    """`?format=` says what is wanted; an `Accept: text/csv` beside it is no reason to refuse."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class OverageExport(VendorApi):
    content_negotiation_class = FormatByParameter

    @extend_schema(
        operation_id="export_overage",
        parameters=[serializers.OverageQuery],
        responses={
            (200, "application/json"): serializers.OverageReport,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """Overage and commit fees by customer, product and month. All three formats say the same figures."""
        asked = serializers.OverageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = asked.validated_data
        start, end = days_asked_for(query.get("start_date"), query.get("end_date"))
        found = report(self.vendor_id, start, end, crm_account_id=query.get("customer_crm_id", ""))
        if query["format"] == "csv":
            return _file(
                found, as_csv.render(found, extended=query["columns"] == "extended"), "text/csv; charset=utf-8", "csv"
            )
        if query["format"] == "pdf":
            return _file(found, as_pdf.render(found), "application/pdf", "pdf")
        return Response(as_json.document(found))


class Costs(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": "costs:read"}

    @extend_schema(operation_id="costs", parameters=[serializers.CostsQuery], responses=serializers.CostsAnswer)
    def get(self, request: Request) -> Response:
        """What a month costs, by vendor and product: the same records that the vendors bill."""
        return Response(costs.document(self.tenant_id, costs.month_asked_for(request.query_params.get("period", ""))))


def _file(found: Report, content: bytes, content_type: str, ending: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{found.file_stem}.{ending}"',
            "Cache-Control": "no-store",
        },
    )
