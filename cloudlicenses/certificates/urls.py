"""Addresses on a tenant's host."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.certificates import api, responder

AUTHORITY = "api/v1/certificates/authorities/<str:authority_id>"

tenant = [
    path("api/v1/certificates", api.Certificates.as_view()),
    path("api/v1/certificates/issue", api.IssueCertificate.as_view()),
    path("api/v1/certificates/authorities", api.Authorities.as_view()),
    path("api/v1/certificates/authorities/rotate", api.AuthorityRotation.as_view()),
    path(AUTHORITY, api.OneAuthority.as_view()),
    path(f"{AUTHORITY}/certificate", api.authority_certificate),
    path(f"{AUTHORITY}/crl", api.revocation_list),
    path(f"{AUTHORITY}/revocations", api.UploadedList.as_view()),
    path("api/v1/certificates/<str:certificate_id>", api.OneCertificate.as_view()),
    path("api/v1/certificates/<str:certificate_id>/revoke", api.Revocation.as_view()),
    path("ocsp", responder.posted),
    path("ocsp/<path:sent>", responder.in_the_address),
]
