"""The document's addresses, the same on each kind of host."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.openapi import api

apex = vendors = tenant = [path("api/v1/openapi.json", api.openapi_json), path("docs", api.docs, name="docs")]
