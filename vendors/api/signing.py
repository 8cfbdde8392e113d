"""What a product's applications sign with, over the vendors' API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications.signing import secrets
from applications.signing.models import ProductSecret
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Flag
from keys.faces import VendorApi
from vendors import queries


class SecretAnswer(serializers.Serializer[Any]):
    key_id = serializers.CharField(help_text="A digest of the secret; clients compute it themselves.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    retired_at = serializers.DateTimeField(allow_null=True)


class NewSecretAnswer(SecretAnswer):
    """`secret` is shown this once."""

    secret = serializers.CharField()


class SigningAnswer(serializers.Serializer[Any]):
    product_id = serializers.CharField()
    signature_required = serializers.BooleanField()
    secrets = SecretAnswer(many=True)


class SigningChange(serializers.Serializer[Any]):
    signature_required = Flag()


class Signing(VendorApi):
    @extend_schema(operation_id="get_product_signing", responses={200: SigningAnswer})
    def get(self, request: Request, product_id: str) -> Response:
        """Whether applications of this product must sign, and its secrets, retired ones too; never their texts."""
        return Response(_shown_product(queries.product_for(self.vendor_id, product_id).id))

    @extend_schema(operation_id="change_product_signing", request=SigningChange, responses={200: SigningAnswer})
    def patch(self, request: Request, product_id: str) -> Response:
        """Require signatures at every customer at once, or no longer."""
        product = queries.product_for(self.vendor_id, product_id)
        sent = SigningChange(data=request.data)
        sent.is_valid(raise_exception=True)
        secrets.require(self.actor, self.vendor_id, product.id, is_required=sent.validated_data["signature_required"])
        return Response(_shown_product(product.id))


class Secrets(VendorApi):
    @extend_schema(operation_id="generate_product_secret", request=None, responses={201: NewSecretAnswer})
    def post(self, request: Request, product_id: str) -> Response:
        """A new secret to build into the product's applications; its text is in this answer and nowhere else. Two are valid at a
        time, so that one can take the other's place."""
        product = queries.product_for(self.vendor_id, product_id)

        def produce() -> tuple[int, dict[str, Any]]:
            generated = secrets.generate(self.actor, self.vendor_id, product.id)
            return 201, _shown(generated.secret) | {"secret": generated.text}

        return self.once(request, produce)


class Secret(VendorApi):
    @extend_schema(operation_id="retire_product_secret", responses={200: SecretAnswer})
    def delete(self, request: Request, product_id: str, key_id: str) -> Response:
        """What is signed with it is refused from now on, everywhere within a second."""
        product = queries.product_for(self.vendor_id, product_id)
        return Response(_shown(secrets.retire(self.actor, self.vendor_id, product.id, key_id)))


def _shown_product(product_id: str) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "signature_required": secrets.is_required(product_id),
        "secrets": [_shown(secret) for secret in secrets.secrets_of(product_id)],
    }


def _shown(secret: ProductSecret) -> dict[str, Any]:
    return {
        "key_id": secret.id,
        "created_at": rfc3339(secret.created_at),
        "created_by": secret.created_by,
        "retired_at": rfc3339(secret.retired_at) if secret.retired_at else None,
    }
