from __future__ import annotations

from django.urls import path

from licensing import api, pages
from licensing.features.api import Features, TrackUsage, ValidateFeature
from licensing.streams.api import Events

tenant = [
    path("api/v1/licenses", api.Licenses.as_view()),
    path("api/v1/licenses/<str:license_id>", api.License.as_view()),
    path("api/v1/licenses/<str:license_id>/caps", api.Caps.as_view()),
    path("api/v1/leases", api.Leases.as_view()),
    path("api/v1/leases/<str:lease_id>", api.Lease.as_view()),
    path("api/v1/denials", api.Denials.as_view()),
    path("api/v1/events/stream", Events.as_view()),
    path("api/v1/validate/feature", ValidateFeature.as_view()),
    path("api/v1/features", Features.as_view()),
    path("api/v1/usage/track", TrackUsage.as_view()),
    path("licenses/<str:license_id>/limits", pages.limits, name="limits"),
    path("leases/<str:lease_id>/take-back", pages.take_back, name="take_back"),
]
