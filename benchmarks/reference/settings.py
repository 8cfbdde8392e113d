"""The product's settings with the shortest stack of middleware that still knows tenants."""

from __future__ import annotations

from cloudlicenses.settings.base import *  # noqa: F403 - settings extend settings

ROOT_URLCONF = "benchmarks.reference.urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "benchmarks.reference.tenancy.TenantMiddleware"]
