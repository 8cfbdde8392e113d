"""The apex's API: register a tenant, prove the domain, see how far it is. For strangers."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.kit.actor import Actor
from cloudlicenses.web import throttling
from cloudlicenses.web.access import Anyone
from cloudlicenses.web.idempotency import answer_once, digest
from tenants import serializers, verification
from tenants.progress import progress_of
from tenants.refusals import TokenMissing
from tenants.registration import register

VERIFICATIONS = "120/m"


@extend_schema(request=serializers.RegisterRequest, responses={201: serializers.RegisterAnswer})
@api_view(["POST"])
@permission_classes([Anyone])
def register_tenant(request: Request) -> Response:
    """Ask for a tenant. The answer says which DNS record proves that the domain is yours."""
    wanted = serializers.RegisterRequest(data=request.data)
    wanted.is_valid(raise_exception=True)
    rate = f"{settings.REGISTRATIONS_PER_HOUR}/h"
    throttling.refuse_exhausted(request._request, "register", rate)
    actor = stranger(request)
    status, body, replayed = answer_once(
        caller=f"anonymous:{actor.ip}",
        key=request.headers.get("Idempotency-Key", ""),
        request_digest=digest("POST", request.path, request.data),
        produce=lambda: (201, serializers.registered(register(wanted.application(), actor=actor))),
    )
    throttling.count(request._request, "register", rate)
    return Response(body, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)


@extend_schema(request=serializers.VerifyRequest, responses={200: serializers.VerifyAnswer})
@api_view(["POST"])
@permission_classes([Anyone])
def verify_tenant(request: Request) -> Response:
    """Look for the DNS record now. Verification is also tried in the background."""
    throttling.refuse_too_many(request._request, "verify", VERIFICATIONS)
    asked = serializers.VerifyRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    tenant = verification.verify(
        asked.validated_data["tenant_id"], asked.validated_data["verification_token"], actor=stranger(request)
    )
    return Response(serializers.verified(tenant))


@extend_schema(responses={200: serializers.StatusAnswer})
@api_view(["GET"])
@permission_classes([Anyone])
def tenant_status(request: Request, tenant_id: str) -> Response:
    """The onboarding steps and their progress, for whoever holds the verification token (as bearer)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return Response(serializers.progressed(progress_of(tenant_id, token.strip())))


def stranger(request: Request) -> Actor:
    """Somebody of whom only the connection is known."""
    return Actor(
        kind="anonymous", ip=request._request.client_ip, request_id=request._request.id,
        user_agent=request.headers.get("User-Agent", ""),
    )  # fmt: skip
