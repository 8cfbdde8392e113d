"""A tenant's keys over HTTP: for people whose role allows it. And the public keys that verify a tenant's leases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.web.access import Anyone
from cloudlicenses.web.pagination import page_of
from keys import issuing, queries, serializers, signing
from keys.faces import TenantApi

READ, MANAGE = "keys:read", "keys:manage"


class Keys(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="listKeys", responses=serializers.KeyPage)
    def get(self, request: Request) -> Response:
        """All keys of the tenant, newest first; revoked and expired ones too."""
        return Response(page_of(queries.keys_of(self.tenant_id), request.query_params, serializers.shown))


class GenerateKey(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="generateKey", request=serializers.GenerateRequest, responses={201: serializers.IssuedAnswer}
    )
    def post(self, request: Request) -> Response:
        """A new key for an application. Its text is in this answer and nowhere else."""
        sent = serializers.GenerateRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        return self.once(request, lambda: (201, serializers.shown_once(issuing.issue(
            self.actor, owner=self.tenant_id, app_name=wanted["app_name"], app_type=wanted["app_type"], scopes=wanted["scopes"],
            expires_in_days=wanted["expires_in_days"], restrictions=sent.restrictions(), metadata=wanted["metadata"],
        ))))  # fmt: skip


class Key(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"DELETE": MANAGE}

    @extend_schema(operation_id="revokeKey", responses={200: serializers.KeyAnswer})
    def delete(self, request: Request, key_id: str) -> Response:
        """The key is refused from now on, everywhere within a second. Revoking twice changes nothing."""
        return Response(serializers.shown(issuing.revoke(self.actor, key_id)))


class KeyRestrictions(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="restrictKey", request=serializers.RestrictionsRequest, responses=serializers.KeyAnswer)
    def post(self, request: Request, key_id: str) -> Response:
        """Bind a key to hostnames, networks, products or a client certificate; in force at once."""
        sent = serializers.RestrictionsRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(serializers.shown(issuing.restrict(self.actor, key_id, sent.validated_data)))


class KeyRotation(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="rotateKey", request=None, responses={201: serializers.IssuedAnswer})
    def post(self, request: Request, key_id: str) -> Response:
        """A new key with the same scopes and restrictions; the old one works for 24 hours more."""
        return self.once(request, lambda: (201, serializers.shown_once(issuing.rotate(self.actor, key_id))))


@extend_schema(operation_id="getJwks", responses=serializers.JwkSet)
@api_view(["GET"])
@permission_classes([Anyone])
def lease_keys(request: Request) -> Response:
    """The JWK set that verifies this tenant's lease tokens; retired keys stay in it."""
    return Response(signing.jwks(), headers={"Cache-Control": "public, max-age=300"})
