"""Addresses of this app on a tenant's host."""

from __future__ import annotations

from django.urls import path

from audit import pages

tenant = [
    path("audit", pages.audit_log, name="audit_log"),
    path("audit/<int:entry_id>", pages.entry_page, name="audit_entry"),
    path("audit.<slug:ending>", pages.audit_file, name="audit_file"),
]
