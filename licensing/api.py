"""A tenant's licenses, leases and denials over HTTP: for people by their role, for applications by `license:read`.

Checkout, heartbeat and return are not here: licensing/plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.kit.refusals import FieldError, InvalidInput
from cloudlicenses.web.pagination import answer_of, page_of
from keys.faces import TenantApi
from licensing import caps, leases, queries, serializers

READ, MANAGE, SCOPE = "licenses:read", "licenses:manage", "license:read"
CHOICES = {"true": True, "false": False}
OF_PRODUCT = OpenApiParameter("product_id", str, description="Of this product only.")

Row = TypeVar("Row", bound=Model)


class Licenses(TenantApi):
    narrowed_by = ("product_id",)
    scopes: ClassVar[Mapping[str, str]] = {"GET": SCOPE}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listLicenses",
        parameters=[OF_PRODUCT],
        responses=answer_of("LicensePage", serializers.LicenseAnswer),
    )
    def get(self, request: Request) -> Response:
        """All licenses, of all vendors, with seats in use and available, and this month's cost."""
        found = _of_product(queries.licenses(), request, "product_id")
        return Response(page_of(found, request.query_params, serializers.shown_license, order=("product_name", "id")))


class License(TenantApi):
    narrowed_by = ("license_id",)
    scopes: ClassVar[Mapping[str, str]] = {"GET": SCOPE}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="getLicense", responses=serializers.LicenseAnswer)
    def get(self, request: Request, license_id: str) -> Response:
        return Response(serializers.shown_license(queries.license_for(license_id)))


class Caps(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"PATCH": MANAGE}

    @extend_schema(operation_id="setCaps", request=serializers.CapsRequest, responses=serializers.LicenseAnswer)
    def patch(self, request: Request, license_id: str) -> Response:
        """The customer's own limits, only ever below what the vendor sold; in force at the next checkout."""
        sent = serializers.CapsRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(serializers.shown_license(caps.set_caps(self.actor, license_id, sent.validated_data)))


class Leases(TenantApi):
    narrowed_by = ("product_id",)
    scopes: ClassVar[Mapping[str, str]] = {"GET": SCOPE}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listLeases",
        parameters=[OpenApiParameter("active", bool), OF_PRODUCT],
        responses=answer_of("LeasePage", serializers.LeaseAnswer),
    )
    def get(self, request: Request) -> Response:
        """Who holds what: newest first; `active=true` for seats in use now."""
        asked = request.query_params.get("active")
        if asked is not None and asked.lower() not in CHOICES:
            raise InvalidInput(errors=[FieldError("active", "invalid", "true or false.")])
        leases_ = queries.leases(active=None if asked is None else CHOICES[asked.lower()])
        found = _of_product(leases_, request, "license__product_id")
        return Response(page_of(found, request.query_params, serializers.shown_lease, order=("-issued_at", "id")))


class Lease(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"DELETE": MANAGE}

    @extend_schema(operation_id="takeBackLease", responses={200: serializers.LeaseAnswer})
    @transaction.atomic
    def delete(self, request: Request, lease_id: str) -> Response:
        """Take a seat back; its application learns at the next heartbeat. A lease that has ended stays as it is."""
        leases.take_back(self.actor, lease_id)
        return Response(serializers.shown_lease(queries.leases().get(pk=lease_id)))


class Denials(TenantApi):
    narrowed_by = ("product_id",)
    scopes: ClassVar[Mapping[str, str]] = {"GET": SCOPE}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listDenials",
        parameters=[OF_PRODUCT],
        responses=answer_of("DenialPage", serializers.DenialAnswer),
    )
    def get(self, request: Request) -> Response:
        """Checkouts that were refused, newest first: what more seats would be good for."""
        found = _of_product(queries.denials(), request, "product_id")
        return Response(page_of(found, request.query_params, serializers.shown_denial, order=("-at", "-id")))


def _of_product(found: QuerySet[Row], request: Request, field: str) -> QuerySet[Row]:
    product_id = request.query_params.get("product_id", "").replace("\0", "")
    return found.filter(**{field: product_id}) if product_id else found
