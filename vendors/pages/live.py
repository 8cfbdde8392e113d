"""The door of the stream that the portal's pages follow. The plane keeps it open (licensing/streams)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.faces import visitor
from cloudlicenses.web.wakeups import OF_VENDOR
from licensing.streams.asking import Grant
from licensing.streams.faces import let_in
from licensing.streams.listening import RIGHT_AT_VENDORS, SEEN_AT_VENDORS
from vendors.faces import in_portal
from vendors.models import Vendor


@require_safe
@in_portal(RIGHT_AT_VENDORS)
def live(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """For people alone, by their session: it says of which kinds of things that they may see something has changed, no more."""
    person = visitor(request)
    sees = frozenset(kind for kind, right in SEEN_AT_VENDORS.items() if person.may(right))
    return let_in(request, Grant(OF_VENDOR + vendor.id, f"user:{person.pk}", sees))
