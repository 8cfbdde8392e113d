"""Signed packages, and the public keys that verify them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cloudlicenses.web.access import Anyone
from cloudlicenses.web.fields import Line
from keys import signing
from keys.faces import VendorApi
from vendors import queries

MEDIA_TYPE = "application/jose"


class Package(VendorApi):
    @extend_schema(operation_id="get_package", responses={(200, MEDIA_TYPE): OpenApiTypes.STR})
    def get(self, request: Request, license_id: str) -> HttpResponseBase:
        """A compact JWS, signed anew at each change of the license."""
        license = queries.license_for(self.vendor_id, license_id)
        return HttpResponse(license.package, content_type=MEDIA_TYPE, headers={"ETag": f'"{license.revision}"'})


class JwksQuery(serializers.Serializer[Any]):
    vendor = Line(required=False, max_length=40, help_text="Of this vendor only.")


class PublicKey(serializers.Serializer[Any]):
    kty = serializers.ChoiceField(["OKP", "AKP"])
    kid = serializers.CharField()
    alg = serializers.ChoiceField([signing.EDDSA, signing.ML_DSA_65])
    use = serializers.ChoiceField(["sig"])
    crv = serializers.CharField(required=False)
    x = serializers.CharField(required=False)
    pub = serializers.CharField(required=False)


class PublicKeys(serializers.Serializer[Any]):
    keys = PublicKey(many=True)


class VendorJwks(APIView):
    permission_classes = [Anyone]  # public keys

    @extend_schema(operation_id="get_vendor_jwks", parameters=[JwksQuery], responses={200: PublicKeys})
    def get(self, request: Request) -> Response:
        """Retired keys too: what they signed stays good."""
        asked = JwksQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(
            signing.jwks(asked.validated_data.get("vendor", "")), headers={"Cache-Control": "public, max-age=300"}
        )
