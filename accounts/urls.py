"""People's pages, the same on every host; operators sign in apart from the public site."""

from __future__ import annotations

from django.urls import path

from accounts import pages

INVITATION = path("invitations/<str:secret>", pages.invitation, name="invitation")

apex = [
    path("operator/login", pages.sign_in, name="login"),
    path("operator/logout", pages.sign_out, name="logout"),
    INVITATION,
]
vendors = tenant = [
    path("login", pages.sign_in, name="login"),
    path("logout", pages.sign_out, name="logout"),
    INVITATION,
]
