"""Licenses over the vendors' API: generate, provision, look at, amend, suspend, resume, revoke, renew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.kit.actor import Actor
from cloudlicenses.web import pagination
from cloudlicenses.web.fields import Line
from keys.faces import VendorApi
from vendors import issuing, lifecycle, provisioning, queries
from vendors.api.orders import AmendRequest, GenerateRequest, ProvisionRequest, RenewRequest
from vendors.api.shapes import GenerateAnswer, IssuedLicenseAnswer, ProvisionAnswer
from vendors.models import IssuedLicense

Change = Callable[[Actor, str, str], IssuedLicense]

COLUMNS = {
    "status": "status",
    "product": "product_id",
    "tenant": "tenant_id",
    "crm_account_id": "account__crm_account_id",
}


class LicenseFilter(serializers.Serializer[Any]):
    status = serializers.ChoiceField(IssuedLicense.Status.values, required=False)
    product = Line(required=False)
    tenant = Line(required=False)
    crm_account_id = Line(required=False)


class GenerateLicense(VendorApi):
    @extend_schema(
        operation_id="generate_license",
        request=GenerateRequest,
        responses={201: GenerateAnswer, 200: GenerateAnswer},
    )
    def post(self, request: Request) -> Response:
        """The same opportunity with the same content answers 200 with the license it has already."""
        wanted = GenerateRequest(data=request.data)
        wanted.is_valid(raise_exception=True)

        def produce() -> tuple[int, dict[str, Any]]:
            generated = issuing.generate(self.actor, self.vendor_id, wanted.order())
            return 201 if generated.is_new else 200, GenerateAnswer().to_representation(generated.license)

        return self.once(request, produce)


class ProvisionLicense(VendorApi):
    @extend_schema(operation_id="provision_license", request=ProvisionRequest, responses={200: ProvisionAnswer})
    def post(self, request: Request) -> Response:
        """Into the customer's tenant; `pending_customer` until there is one, and then it arrives by itself."""
        wanted = ProvisionRequest(data=request.data)
        wanted.is_valid(raise_exception=True)

        def produce() -> tuple[int, dict[str, Any]]:
            license_id = wanted.validated_data["license_id"]
            done = provisioning.provision(self.actor, self.vendor_id, license_id, **wanted.wishes())
            return 200, ProvisionAnswer().to_representation(done)

        return self.once(request, produce)


class Licenses(VendorApi):
    @extend_schema(
        operation_id="list_issued_licenses",
        parameters=[LicenseFilter, *pagination.PARAMETERS],
        responses={200: pagination.answer_of("IssuedLicensePage", IssuedLicenseAnswer)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        asked = LicenseFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = {COLUMNS[name]: value for name, value in asked.validated_data.items()}
        found = queries.licenses_of(self.vendor_id).filter(**wanted)
        return Response(pagination.page_of(found, request.query_params, IssuedLicenseAnswer().to_representation))


class License(VendorApi):
    @extend_schema(operation_id="get_issued_license", responses={200: IssuedLicenseAnswer})
    def get(self, request: Request, license_id: str) -> Response:
        return Response(shown(queries.license_for(self.vendor_id, license_id)))

    @extend_schema(operation_id="amend_license", request=AmendRequest, responses={200: IssuedLicenseAnswer})
    def patch(self, request: Request, license_id: str) -> Response:
        """Quantities, prices, end date, renewal. In force at the next checkout, never backwards."""
        wanted = AmendRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(shown(lifecycle.amend(self.actor, self.vendor_id, license_id, wanted.amendment())))


class LicenseChange(VendorApi):
    """A change that needs no more words than its name."""

    def changed(self, change: Change, request: Request, license_id: str) -> Response:
        return self.once(request, lambda: (200, shown(change(self.actor, self.vendor_id, license_id))))


class SuspendLicense(LicenseChange):
    @extend_schema(operation_id="suspend_license", request=None, responses={200: IssuedLicenseAnswer})
    def post(self, request: Request, license_id: str) -> Response:
        """New checkouts are refused; seats in use may be kept and returned."""
        return self.changed(lifecycle.suspend, request, license_id)


class ResumeLicense(LicenseChange):
    @extend_schema(operation_id="resume_license", request=None, responses={200: IssuedLicenseAnswer})
    def post(self, request: Request, license_id: str) -> Response:
        """A suspended license can be used again."""
        return self.changed(lifecycle.resume, request, license_id)


class RevokeLicense(LicenseChange):
    @extend_schema(operation_id="revoke_license", request=None, responses={200: IssuedLicenseAnswer})
    def post(self, request: Request, license_id: str) -> Response:
        """For good; seats in use end."""
        return self.changed(lifecycle.revoke, request, license_id)


class RenewLicense(VendorApi):
    @extend_schema(operation_id="renew_license", request=RenewRequest, responses={200: IssuedLicenseAnswer})
    def post(self, request: Request, license_id: str) -> Response:
        """Until `end_date`, or one more term."""
        wanted = RenewRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        return self.once(
            request,
            lambda: (
                200,
                shown(lifecycle.renew(self.actor, self.vendor_id, license_id, **wanted.validated_data)),
            ),
        )


def shown(license: IssuedLicense) -> dict[str, Any]:
    return IssuedLicenseAnswer().to_representation(license)
