"""What people of a vendor download; a tenant's people use the API's own addresses, which take their session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from cloudlicenses.evidence.bills import file_of
from vendors import queries
from vendors.faces import in_portal
from vendors.models import Vendor


@require_safe
@in_portal("revenue:read")
def bill_file(request: HttpRequest, vendor: Vendor, period: str, account_id: int) -> HttpResponseBase:
    """A customer's month with what proves it. Raises `NotFound`, `UnfitRange`, `NoSuchHead`."""
    return file_of(vendor.id, queries.account_for(vendor.id, account_id).tenant_id, period)
