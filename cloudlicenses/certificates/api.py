"""Client certificates over HTTP: for people whose role allows it. What certificates point at — authority, list — is for anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from certificates import authorities, issuing, lists, queries, uploading
from cloudlicenses.certificates import serializers
from cloudlicenses.web.access import Anyone
from cloudlicenses.web.pagination import PARAMETERS, answer_of, page_of
from keys.faces import TenantApi

READ, MANAGE = "certificates:read", "certificates:manage"
PEM, DER_LIST = "application/x-pem-file", "application/pkix-crl"


class Certificates(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listCertificates",
        parameters=PARAMETERS,
        responses=answer_of("CertificatePage", serializers.CertificateAnswer),
    )
    def get(self, request: Request) -> Response:
        """All that were issued here, newest first; expired and revoked ones too."""
        return Response(page_of(queries.certificates(), request.query_params, serializers.shown))


class IssueCertificate(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="issueCertificate",
        request=serializers.IssueRequest,
        responses={201: serializers.IssuedCertificateAnswer},
    )
    def post(self, request: Request) -> Response:
        """A client certificate for the names in the request, by the tenant's authority here, which the first request makes."""
        wanted = _checked(serializers.IssueRequest, request)

        def produce() -> tuple[int, dict[str, Any]]:
            issued = issuing.issue(self.actor, wanted["csr"], days=wanted["valid_days"])
            return 201, serializers.shown_with_authority(issued)

        return self.once(request, produce)


class OneCertificate(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(operation_id="getCertificate", responses=serializers.IssuedCertificateAnswer)
    def get(self, request: Request, certificate_id: str) -> Response:
        """One certificate, and whether it is still good: `status`."""
        return Response(serializers.shown_with_authority(queries.certificate_for(certificate_id)))


class Revocation(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="revokeCertificate", request=serializers.RevokeRequest, responses=serializers.CertificateAnswer
    )
    def post(self, request: Request, certificate_id: str) -> Response:
        """Refused from now on, everywhere within a second, and for good. Revoking twice changes nothing."""
        wanted = _checked(serializers.RevokeRequest, request)
        return Response(serializers.shown(issuing.revoke(self.actor, certificate_id, reason=wanted["reason"])))


class Authorities(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "POST": MANAGE}

    @extend_schema(
        operation_id="listAuthorities",
        parameters=PARAMETERS,
        responses=answer_of("AuthorityPage", serializers.AuthorityAnswer),
    )
    def get(self, request: Request) -> Response:
        """Whose certificates are trusted: authorities of ours, and the tenant's own."""
        return Response(page_of(queries.authorities(), request.query_params, serializers.authority_shown))

    @extend_schema(
        operation_id="uploadAuthority", request=serializers.UploadRequest, responses={201: serializers.UploadAnswer}
    )
    def post(self, request: Request) -> Response:
        """Trust an authority of the tenant's own, with those above it up to a self-signed root."""
        wanted = _checked(serializers.UploadRequest, request)

        def produce() -> tuple[int, dict[str, Any]]:
            rows = uploading.upload(self.actor, wanted["certificates"])
            return 201, {"authorities": [serializers.authority_shown(row) for row in rows]}

        return self.once(request, produce)


class AuthorityRotation(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="rotateAuthority", request=None, responses={201: serializers.AuthorityAnswer})
    def post(self, request: Request) -> Response:
        """A new authority of ours issues from now on; what the former issued counts until it ends or the former is removed."""
        return self.once(request, lambda: (201, serializers.authority_shown(authorities.rotate(self.actor))))


class OneAuthority(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"DELETE": MANAGE}

    @extend_schema(operation_id="removeAuthority", responses={200: serializers.AuthorityAnswer})
    def delete(self, request: Request, authority_id: str) -> Response:
        """Trust it no longer: every certificate that it has issued is refused, everywhere within a second."""
        return Response(serializers.authority_shown(authorities.remove(self.actor, authority_id)))


class UploadedList(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(
        operation_id="uploadRevocationList", request=serializers.ListRequest, responses=serializers.AuthorityAnswer
    )
    def post(self, request: Request, authority_id: str) -> Response:
        """The latest revocation list of the tenant's own authority: what it names is refused, what only the former named is not."""
        wanted = _checked(serializers.ListRequest, request)
        return Response(serializers.authority_shown(lists.take_list(self.actor, authority_id, wanted["crl"].encode())))


@extend_schema(operation_id="getAuthorityCertificate", responses={(200, PEM): OpenApiTypes.STR})
@api_view(["GET"])
@permission_classes([Anyone])
def authority_certificate(request: Request, authority_id: str) -> HttpResponse:
    """The certificate of an authority that this tenant trusts, in PEM."""
    return _file(authorities.pem_of(queries.authority_for(authority_id)), PEM, f"{authority_id}.pem")


@extend_schema(operation_id="getRevocationList", responses={(200, DER_LIST): OpenApiTypes.BINARY})
@api_view(["GET"])
@permission_classes([Anyone])
def revocation_list(request: Request, authority_id: str) -> HttpResponse:
    """The revocation list of an authority of ours, in DER, signed now and good for a day."""
    return _file(lists.signed_list(authority_id), DER_LIST, f"{authority_id}.crl")


def _file(content: str | bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "public, max-age=60"}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _checked(shape: type[Any], request: Request) -> Any:
    sent = shape(data=request.data)
    sent.is_valid(raise_exception=True)
    return sent.validated_data
