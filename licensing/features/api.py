"""Features over HTTP: for applications by their key's scopes, for people by their role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core import signing
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.kit.refusals import FieldError, InvalidInput
from cloudlicenses.web.pagination import PARAMETERS, answer_of, limit_of
from keys import recognising
from keys.faces import TenantApi
from licensing.features import listing, metering, serializers, verdicts
from licensing.features.listing import Feature

READ, MANAGE = "licenses:read", "licenses:manage"
CURSOR = "cursor features"


class ValidateFeature(TenantApi):
    narrowed_by = ("product_id",)
    scopes: ClassVar[Mapping[str, str]] = {"POST": "license:read"}
    rights: ClassVar[Mapping[str, str]] = {"POST": READ}

    @extend_schema(
        operation_id="validateFeature",
        request=serializers.ValidateFeatureRequest,
        responses=serializers.VerdictAnswer,
    )
    def post(self, request: Request) -> Response:
        """May this feature be used now? A no is an answer, too: 200 with the reasons. Takes no seat."""
        sent = serializers.ValidateFeatureRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        version = asked["version"] or str(asked.get("context", {}).get("version", ""))
        verdict = verdicts.judge(asked["feature"], product_id=asked["product_id"], version=version)
        return Response(serializers.shown_verdict(verdict))


class Features(TenantApi):
    narrowed_by = ("product_id",)
    scopes: ClassVar[Mapping[str, str]] = {"GET": "license:read"}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listFeatures",
        parameters=[OpenApiParameter("product_id", str), *PARAMETERS],
        responses=answer_of("FeaturePage", serializers.FeatureAnswer),
    )
    def get(self, request: Request) -> Response:
        """Every feature of every license, once, and whether it may be used now."""
        limit = limit_of(request.query_params)
        product_id = request.query_params.get("product_id", "").replace("\0", "")
        found = listing.features(product_id=product_id, behind=_behind(request), most=limit + 1)
        following = signing.dumps(found[limit - 1].name, salt=CURSOR) if len(found) > limit else None
        return Response({"data": [_shown(feature) for feature in found[:limit]], "next_cursor": following})


class TrackUsage(TenantApi):
    narrowed_by = ("license_id", "product_id")
    scopes: ClassVar[Mapping[str, str]] = {"POST": "usage:write"}
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="trackUsage",
        request=serializers.TrackUsageRequest,
        responses={201: serializers.UsageEventAnswer},
    )
    def post(self, request: Request) -> Response:
        """A use of a feature, written down once for an `Idempotency-Key`."""
        sent = serializers.TrackUsageRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        use = _use(sent.validated_data)
        return self.once(request, lambda: (201, serializers.shown_use(self._track(request, use))))

    def _track(self, request: Request, use: metering.Use) -> Any:
        products: tuple[str, ...] = ()
        if self.actor.key_id:
            text = recognising.bearer(request.headers.get("Authorization", ""))
            products = recognising.find(text, recognising.APPLICATION).allowed_products
        return metering.track(use, key_id=self.actor.key_id, allowed_products=products)


def _use(sent: Mapping[str, Any]) -> metering.Use:
    return metering.Use(
        feature=sent["feature"], action=sent["action"], quantity=sent["quantity"], product_id=sent["product_id"],
        license_id=sent["license_id"], at=_instant(sent["timestamp"]), metadata=sent.get("metadata", {}),
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(errors=[FieldError("timestamp", "invalid", "There is no such instant.")]) from None


def _behind(request: Request) -> str:
    cursor = request.query_params.get("cursor", "")
    try:
        return str(signing.loads(cursor, salt=CURSOR)) if cursor else ""
    except signing.BadSignature:
        raise InvalidInput(errors=[FieldError("cursor", "invalid", "This cursor is not one of this list's.")]) from None


def _shown(feature: Feature) -> dict[str, Any]:
    verdict = feature.verdict
    return {
        "feature": feature.name,
        "valid": verdict.is_valid,
        "violations": list(verdict.violations),
        "licenses": [license_.pk for license_ in feature.licenses],
        "products": sorted({license_.product_id for license_ in feature.licenses}),
    }
