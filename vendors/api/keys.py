"""Keys of a vendor's systems: made, rotated and revoked by a key with `vendor:write`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.web import pagination
from cloudlicenses.web.fields import Line, Network, Whole
from keys import issuing
from keys.faces import VendorApi
from keys.queries import keys_of
from vendors.api.shapes import NewVendorKeyAnswer, VendorKeyAnswer

LONGEST_LIFE_DAYS = 3650


class VendorKeyRequest(serializers.Serializer[Any]):
    app_name = Line(max_length=100, help_text="The system that will use it.")
    scopes = serializers.ListField(child=serializers.ChoiceField(issuing.VENDOR_SCOPES), min_length=1, required=False)
    expires_in_days = Whole(min_value=1, max_value=LONGEST_LIFE_DAYS, required=False, allow_null=True)
    allowed_ip_ranges = serializers.ListField(child=Network(), max_length=100, required=False)


class VendorKeys(VendorApi):
    @extend_schema(
        operation_id="list_vendor_keys",
        parameters=pagination.PARAMETERS,
        responses={200: pagination.answer_of("VendorKeyPage", VendorKeyAnswer)},
    )
    def get(self, request: Request) -> Response:
        """Revoked and expired ones too, newest first."""
        found = keys_of(self.vendor_id)
        return Response(pagination.page_of(found, request.query_params, VendorKeyAnswer().to_representation))

    @extend_schema(operation_id="create_vendor_key", request=VendorKeyRequest, responses={201: NewVendorKeyAnswer})
    def post(self, request: Request) -> Response:
        """The key's text is in this answer and nowhere else."""
        wanted = VendorKeyRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = wanted.validated_data

        def produce() -> tuple[int, dict[str, Any]]:
            issued = issuing.issue(
                self.actor,
                owner=self.vendor_id,
                app_name=said["app_name"],
                app_type="cloud_service",
                scopes=sorted(set(said.get("scopes", issuing.VENDOR_SCOPES))),
                expires_in_days=said.get("expires_in_days"),
                restrictions=issuing.Restrictions(allowed_ip_ranges=tuple(said.get("allowed_ip_ranges", ()))),
            )
            return 201, _once_shown(issued)

        return self.once(request, produce)


class RotateVendorKey(VendorApi):
    @extend_schema(operation_id="rotate_vendor_key", request=None, responses={201: NewVendorKeyAnswer})
    def post(self, request: Request, key_id: str) -> Response:
        """A new key takes this one's place; both work for a day."""
        return self.once(request, lambda: (201, _once_shown(issuing.rotate(self.actor, key_id))))


class VendorKey(VendorApi):
    @extend_schema(operation_id="revoke_vendor_key", responses={204: None})
    def delete(self, request: Request, key_id: str) -> Response:
        """Refused from now on, everywhere."""
        issuing.revoke(self.actor, key_id)
        return Response(status=204)


def _once_shown(issued: issuing.Issued) -> dict[str, Any]:
    return VendorKeyAnswer().to_representation(issued.key) | {"api_key": issued.text}
