"""Addresses of logs, on each kind of host its own."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.evidence import api, bills, pages

HEAD, HEADS, KEYS = "api/v1/audit/head", "api/v1/audit/heads", ".well-known/audit-keys.json"
BILL_KEYS = ".well-known/bill-keys.json"
PROOF, EXPORT = "api/v1/audit/proof", "api/v1/audit/export"

apex = [
    path(HEAD, api.Head.as_view()),
    path(HEADS, api.Heads.as_view()),
    path(KEYS, api.Keys.as_view()),
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
