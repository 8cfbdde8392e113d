"""Addresses of logs, on each kind of host its own."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.evidence import api, bills, logs, pages

HEAD, HEADS, KEYS = "api/v1/audit/head", "api/v1/audit/heads", ".well-known/audit-keys.json"
BILL_KEYS = ".well-known/bill-keys.json"
PROOF, EXPORT = "api/v1/audit/proof", "api/v1/audit/export"

apex = [
    path(HEAD, api.Head.as_view()),
    path(HEADS, api.Heads.as_view()),
    path(KEYS, api.Keys.as_view()),
    path("operator/audit", logs.platform_log, name="audit_log"),
    path("operator/audit/export", logs.platform_export, name="audit_export"),
    path("operator/audit/<int:entry_id>", logs.platform_entry, name="audit_entry"),
    path("operator/audit.<slug:ending>", logs.platform_file, name="audit_file"),
]

vendors = [
    path(HEAD, api.VendorHead.as_view()),
    path(HEADS, api.VendorHeads.as_view()),
    path(KEYS, api.VendorKeys.as_view()),
    path(PROOF, api.VendorProof.as_view()),
    path(EXPORT, api.VendorExport.as_view()),
    path(BILL_KEYS, bills.BillKeys.as_view()),
    path("api/v1/billing/evidence", bills.VendorBill.as_view()),
    path("billing/<str:period>/<int:account_id>/evidence.jsonl", pages.bill_file, name="bill_evidence"),
    path("audit", logs.vendor_log, name="audit_log"),
    path("audit/export", logs.vendor_export, name="audit_export"),
    path("audit/<int:entry_id>", logs.vendor_entry, name="audit_entry"),
    path("audit.<slug:ending>", logs.vendor_file, name="audit_file"),
]

tenant = [
    path(HEAD, api.TenantHead.as_view()),
    path(HEADS, api.TenantHeads.as_view()),
    path(KEYS, api.TenantKeys.as_view()),
    path(PROOF, api.TenantProof.as_view()),
    path(EXPORT, api.TenantExport.as_view()),
    path(BILL_KEYS, bills.BillKeys.as_view()),
    path("api/v1/costs/evidence", bills.TenantBill.as_view()),
]
