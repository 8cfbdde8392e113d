"""The two addresses that the load asks."""

from __future__ import annotations

from django.urls import path

from benchmarks.reference.api import Checkout, Return

urlpatterns = [
    path("api/v1/licenses/checkout", Checkout.as_view()),
    path("api/v1/licenses/return", Return.as_view()),
]
