"""A customer's month at a vendor, as a file that proves itself: for either of them, the same bytes. And the keys that sign it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import signing
from billing import evidence
from billing.costs import month_asked_for
from billing.sealing import Bill, keys_of
from cloudlicenses.evidence import serializers
from cloudlicenses.evidence.streaming import MEDIA_TYPE, streamed
from cloudlicenses.web.access import Anyone
from keys.faces import TenantApi, VendorApi
from tenants.context import platform

FILE = {(200, MEDIA_TYPE): OpenApiTypes.STR}


class BillKeys(APIView):
    permission_classes = [Anyone]  # public keys

    @extend_schema(operation_id="bill_keys", parameters=[serializers.VendorQuery], responses=serializers.LogKeySet)
    def get(self, request: Request) -> Response:
        """The keys that sign this vendor's bills, the newest first; former ones too, each with its time. Pin them."""
        asked = serializers.VendorQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        with platform():
            keys = signing.public_keys(keys_of(asked.validated_data["vendor"]))
        return Response(keys, headers={"Cache-Control": "public, max-age=300"})


class VendorBill(VendorApi):
    @extend_schema(operation_id="bill", parameters=[serializers.VendorBillQuery], responses=FILE)
    def get(self, request: Request) -> StreamingHttpResponse:
        """A customer's month as JSON Lines, for `cloudlicenses bill verify`: every charge, and what proves that these are all."""
        asked = serializers.VendorBillQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return file_of(self.vendor_id, asked.validated_data["tenant_id"], asked.validated_data["period"])


class TenantBill(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": "costs:read"}

    @extend_schema(operation_id="bill", parameters=[serializers.TenantBillQuery], responses=FILE)
    def get(self, request: Request) -> StreamingHttpResponse:
        """This tenant's month at a vendor as JSON Lines, for `cloudlicenses bill verify`: the file that the vendor has too."""
        asked = serializers.TenantBillQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return file_of(asked.validated_data["vendor_id"], self.tenant_id, asked.validated_data["period"])


def file_of(vendor_id: str, tenant_id: str, period: str) -> StreamingHttpResponse:
    """In the scope of either. Raises `UnfitRange`, `NoSuchHead` before the first byte."""
    bill = Bill(vendor_id, tenant_id, month_asked_for(period))
    return streamed(evidence.lines(bill), bill.log)
