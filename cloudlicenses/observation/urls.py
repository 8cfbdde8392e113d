"""Addresses of probes and figures, the same on every host (tenants.hosts lets them through)."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.observation import pages
from cloudlicenses.observation.exposition import metrics
from cloudlicenses.web.health import healthz, readyz

apex = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("operator/health", pages.health),
]
