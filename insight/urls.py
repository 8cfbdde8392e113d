"""Addresses of the customer's dashboard, on a tenant's host."""

from __future__ import annotations

from django.urls import path

from insight import api
from insight.pages import home, licenses, usage

tenant = [
    path("api/v1/usage", api.Usage.as_view()),
    path("api/v1/audit", api.Audit.as_view()),
    path("", home.home, name="home"),
    path("usage", usage.usage_page, name="usage"),
    path("licenses", licenses.license_list, name="licenses"),
    path("licenses/<str:license_id>", licenses.license_page, name="license"),
]
