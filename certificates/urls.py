"""Addresses on a tenant's host, of pages; those of the API are in cloudlicenses/certificates/urls.py."""

from __future__ import annotations

from django.urls import path

from certificates.pages import authorities, certificates

tenant = [
    path("certificates", certificates.certificate_list, name="certificates"),
    path("certificates/issue", certificates.issue, name="issue_certificate"),
    path("certificates/authorities/upload", authorities.upload, name="upload_authority"),
    path("certificates/authorities/rotate", authorities.rotate, name="rotate_authority"),
    path("certificates/authorities/<str:authority_id>/remove", authorities.remove, name="remove_authority"),
    path("certificates/authorities/<str:authority_id>/revocations", authorities.revocations, name="revocations"),
    path("certificates/<str:certificate_id>", certificates.certificate_page, name="certificate"),
    path("certificates/<str:certificate_id>/file", certificates.certificate_file, name="certificate_file"),
    path("certificates/<str:certificate_id>/revoke", certificates.revoke, name="revoke_certificate"),
]
