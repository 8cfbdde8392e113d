"""Addresses on a tenant's host."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.users import api

tenant = [
    path("api/v1/users", api.Users.as_view()),
    path("api/v1/users/<str:user_id>", api.OneUser.as_view()),
]
