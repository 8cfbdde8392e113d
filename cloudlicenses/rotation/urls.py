"""Addresses of the operator's page about keys."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.rotation import pages

apex = [
    path("operator/encryption", pages.key_list, name="operator_encryption"),
    path("operator/encryption/master-key", pages.rotate_master),
    path("operator/encryption/<str:owner>/rotate", pages.rotate),
]
