"""Logs over HTTP. Heads and public keys are for anybody: who keeps them can tell later whether the log was bent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import evidence, proofs, sealing, signing
from audit.models import TreeHead
from cloudlicenses.evidence import serializers
from cloudlicenses.evidence.streaming import MEDIA_TYPE, streamed
from cloudlicenses.web.access import Anyone
from cloudlicenses.web.pagination import PARAMETERS, answer_of, page_of
from keys.faces import Door, TenantApi, VendorApi

LARGEST_FIRST = ("-size",)
FRESH = {"Cache-Control": "public, max-age=5"}
HEADS = answer_of("TreeHeadPage", serializers.TreeHeadAnswer)
NAMED = extend_schema_view(get=extend_schema(parameters=[serializers.VendorQuery]))


class Log(APIView):
    """Of one log, for anybody; which one, the host says."""

    permission_classes = [Anyone]

    def log_of(self, request: Request) -> str:
        return sealing.PLATFORM_LOG


class Head(Log):
    @extend_schema(operation_id="head", responses=serializers.TreeHeadAnswer)
    def get(self, request: Request) -> Response:
        """The newest. Keep it: with it you can tell later whether what was in the log then still is."""
        return Response(proofs.shown_head(proofs.head_of(self.log_of(request))), headers=FRESH)


class Heads(Log):
    @extend_schema(operation_id="heads", parameters=PARAMETERS, responses={200: HEADS})
    def get(self, request: Request) -> Response:
        """All heads there were, the newest first."""
        found = TreeHead.objects.filter(log=self.log_of(request))
        return Response(page_of(found, request.query_params, proofs.shown_head, order=LARGEST_FIRST), headers=FRESH)


class Keys(Log):
    @extend_schema(operation_id="log_keys", responses=serializers.LogKeySet)
    def get(self, request: Request) -> Response:
        """The keys that sign this log's heads, the newest first; former ones too, each with its time. Pin them."""
        return Response(signing.public_keys(self.log_of(request)), headers={"Cache-Control": "public, max-age=300"})


class Proof(Door):
    """What both doors share."""

    @extend_schema(operation_id="proof", parameters=[serializers.ProofQuery], responses=serializers.ProofAnswer)
    def get(self, request: Request) -> Response:
        """That an entry is in the log (`entry`), or that the log only grew since it had a size (`first`)."""
        asked = serializers.ProofQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        if "entry" in wanted:
            return Response(proofs.of_entry(self.log, wanted["entry"], wanted.get("size")))
        return Response(proofs.of_growth(self.log, wanted["first"], wanted.get("second")))

    @property
    def log(self) -> str:
        raise NotImplementedError


class Export(Door):
    """What both doors share."""

    @extend_schema(
        operation_id="export",
        parameters=[serializers.ExportQuery],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The log as JSON Lines, with heads and what proves it: for `cloudlicenses audit verify`, which needs no server."""
        asked = serializers.ExportQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        return streamed(evidence.lines(self.log, wanted["start"], wanted.get("end")), self.log)

    @property
    def log(self) -> str:
        raise NotImplementedError


class OfTenant:
    """The log of the tenant whose host it is."""

    tenant_id: str

    def log_of(self, request: Request) -> str:
        return sealing.log_of_tenant(request._request.tenant.id)

    @property
    def log(self) -> str:
        return sealing.log_of_tenant(self.tenant_id)


class OfVendor:
    """The log of the vendor who is named, or whose key it is."""

    vendor_id: str

    def log_of(self, request: Request) -> str:
        asked = serializers.VendorQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return sealing.log_of_vendor(asked.validated_data["vendor"])

    @property
    def log(self) -> str:
        return sealing.log_of_vendor(self.vendor_id)


class TenantHead(OfTenant, Head):
    pass


class TenantHeads(OfTenant, Heads):
    pass


class TenantKeys(OfTenant, Keys):
    pass


class TenantProof(OfTenant, Proof, TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": "audit:read"}


class TenantExport(OfTenant, Export, TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": "audit:read"}


@NAMED
class VendorHead(OfVendor, Head):
    pass


@NAMED
class VendorHeads(OfVendor, Heads):
    pass


@NAMED
class VendorKeys(OfVendor, Keys):
    pass


class VendorProof(OfVendor, Proof, VendorApi):
    pass


class VendorExport(OfVendor, Export, VendorApi):
    pass
