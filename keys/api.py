"""A tenant's keys over HTTP: for people whose role allows it. And the public keys that verify a tenant's leases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.kit import tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web import throttling
from cloudlicenses.web.access import Anyone
from cloudlicenses.web.json import StrictListParser
from cloudlicenses.web.pages import apex_url
from cloudlicenses.web.pagination import answer_of, page_of
from keys import issuing, leaks, queries, serializers, signing
from keys.faces import TenantApi

READ, MANAGE = "keys:read", "keys:manage"


class Keys(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="listKeys", responses=answer_of("KeyPage", serializers.KeyAnswer))
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


@extend_schema(
    operation_id="reportLeak", request=serializers.LeakReport(many=True), responses={202: serializers.LeakAnswer}
)
@api_view(["POST"])
@parser_classes([StrictListParser])
@permission_classes([Anyone])
def report_leak(request: Request) -> Response:
    """Keys and tokens that were found where they must not be. Those that are real are revoked at once, and their owners told.

    The answer is always the same. The body is what secret scanners send.
    """
    throttling.refuse_too_many(request._request, "leaks", f"{settings.LEAK_REPORTS_PER_MINUTE}/m")
    sent = serializers.LeakReports(data={"reports": request.data})
    sent.is_valid(raise_exception=True)
    stranger = Actor(
        kind="anonymous", ip=request._request.client_ip, request_id=request._request.id,
        user_agent=request.headers.get("User-Agent", ""),
    )  # fmt: skip
    for report in sent.validated_data["reports"]:
        leaks.revoke(report["token"], found_at=report["url"], actor=stranger)
    return Response({"status": "received"}, status=202)


@extend_schema(operation_id="getKeyPatterns", responses=serializers.KeyPatterns)
@api_view(["GET"])
@permission_classes([Anyone])
def key_patterns(request: Request) -> Response:
    """How our keys and tokens look, for secret scanners, and where to report one that was found."""
    kinds = [{"prefix": prefix, "description": text} for prefix, text in tokens.KINDS.items()]
    answer = {"pattern": tokens.PATTERN, "kinds": kinds, "report_to": apex_url("/api/v1/keys/report-leak")}
    return Response(answer, headers={"Cache-Control": "public, max-age=3600"})
