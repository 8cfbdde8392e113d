"""Addresses of the pages that belong to no app."""

from __future__ import annotations

from django.urls import path

from cloudlicenses import pages

GUIDES = [path("docs/<path:slug>", pages.guide, name="guide"), path(".well-known/security.txt", pages.security_contact)]

apex = [
    path("", pages.landing, name="home"),
    path("security", pages.security, name="security_page"),
    path("problems", pages.problem_codes, name="problem_codes"),
    path("problems/<slug:code>", pages.problem_code, name="problem_code"),
    path("dev/mail", pages.mails, name="mails"),
    path("dev/mail/<str:name>", pages.mail, name="mail"),
    path("dev/mail/<str:name>/html", pages.mail_html, name="mail_html"),
    *GUIDES,
]
vendors = tenant = GUIDES
