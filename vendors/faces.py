"""What every page of the vendor portal does before its own work: who may come in, and as whom the database is asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from accounts.faces import visitor
from accounts.models import User
from cloudlicenses.web.people import View, needs
from keys.refusals import VendorSuspended
from tenants.context import acting_for
from vendors import queries
from vendors.models import Vendor

SAFE = frozenset({"GET", "HEAD"})


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `vendor` on pages of the portal that are not the vendors app's own, such as the team's."""
    if getattr(request, "host_kind", "") != "vendors":
        return {}
    return {"vendor": lambda: _vendor_of(getattr(request, "user", None))}


def asked(request: HttpRequest, name: str, longest: int = 100) -> str:
    """What the address says, fit to be looked for in the database."""
    return request.GET.get(name, "").replace("\0", "").strip()[:longest]


def in_portal(right: str, *, strangers_see: View | None = None) -> Callable[[View], View]:
    """For a vendor's people with this right. The view is given its vendor, and runs under the vendors' role, for its rows only.

    A suspended vendor's people may look; whatever changes something is refused, as it is to the vendor's keys.
    """

    def decorate(view: View) -> View:
        @needs(right, strangers_see=strangers_see)
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with acting_for(visitor(request).vendor_id) as scope:
                vendor = queries.vendor_for(scope.vendor_id)
                if request.method not in SAFE and vendor.status != Vendor.Status.ACTIVE:
                    raise VendorSuspended
                return view(request, vendor, *args, **kwargs)

        return entered

    return decorate


def _vendor_of(user: object) -> Vendor | None:
    if not isinstance(user, User) or not user.vendor_id:
        return None
    with acting_for(user.vendor_id) as scope:
        return queries.vendor_for(scope.vendor_id)
