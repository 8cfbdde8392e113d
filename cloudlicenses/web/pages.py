"""What every page knows of the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cloudlicenses.web import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site.apex_url` and friends; `tenant` on a tenant's host; `navigation` of whoever is signed in."""
    host_kind = getattr(request, "host_kind", "apex")
    return {
        "site": {"apex_url": apex_url(), "vendors_url": vendors_url(), "base_domain": settings.BASE_DOMAIN},
        "tenant": getattr(request, "tenant", None),
        "host_kind": host_kind,
        # Asked for by frame.html alone: a page that says "the database is away" must not ask it who is signed in.
        "navigation": lambda: navigation.groups_for(host_kind, _rights_open_to(request)),
    }


def _rights_open_to(request: HttpRequest) -> frozenset[str]:
    """None of them before the second factor that somebody needs, nor what an entry would tell of what is behind it."""
    if getattr(request, "is_enrolling", False):
        return frozenset()
    rights: frozenset[str] = getattr(request.user, "rights", frozenset())
    return rights


def apex_url(path: str = "") -> str:
    return f"{settings.URL_SCHEME}://{settings.BASE_DOMAIN}{path}"


def vendors_url(path: str = "") -> str:
    return f"{settings.URL_SCHEME}://vendors.{settings.BASE_DOMAIN}{path}"


def tenant_url(tenant_id: str, path: str = "") -> str:
    """The one function that makes links to a tenant's host."""
    return f"{settings.URL_SCHEME}://{tenant_id}.{settings.BASE_DOMAIN}{path}"
