"""The audit logs of a vendor and of the platform, for their people. They stand here because a vendor's door (vendors.faces) does
so above the log; the pages themselves are those of every log (audit.faces).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import evidence, faces
from audit.faces import LogPlace
from audit.refusals import UnfitPart
from audit.sealing import PLATFORM_LOG, log_of_vendor
from cloudlicenses.evidence.serializers import ExportQuery
from cloudlicenses.evidence.streaming import streamed
from cloudlicenses.web.people import needs
from tenants.context import platform
from vendors.faces import in_portal
from vendors.models import Vendor

OF_VENDOR = _(
    "Everything that your people and keys did or tried here, and what operators did about your company. Entries are only ever"
    " added, and sealed within seconds: who bends the log afterwards can be found out, by you."
)
PLATFORM = LogPlace(
    PLATFORM_LOG,
    _(
        "Everything that operators and the system did on this platform; what they did about a vendor stands in the vendor's log."
        " Entries are only ever added, and sealed within seconds."
    ),
    at="/operator/audit",
    whole="/operator/audit/export",
)


@require_safe
@in_portal("portal:audit")
def vendor_log(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    return faces.log_page(request, _of(vendor))


@require_safe
@in_portal("portal:audit")
def vendor_entry(request: HttpRequest, vendor: Vendor, entry_id: int) -> HttpResponse:
    return faces.entry_page(request, _of(vendor), entry_id)


@require_safe
@in_portal("portal:audit")
def vendor_file(request: HttpRequest, vendor: Vendor, ending: str) -> HttpResponse:
    return faces.log_file(request, _of(vendor), ending)


@require_safe
@in_portal("portal:audit")
def vendor_export(request: HttpRequest, vendor: Vendor) -> HttpResponseBase:
    """As the API's, which takes keys alone. Raises `NoSuchHead`, `UnfitPart`."""
    return _whole(request, _of(vendor))


@require_safe
@needs("platform:read")
def platform_log(request: HttpRequest) -> HttpResponse:
    return faces.log_page(request, PLATFORM)


@require_safe
@needs("platform:read")
def platform_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    return faces.entry_page(request, PLATFORM, entry_id)


@require_safe
@needs("platform:read")
def platform_file(request: HttpRequest, ending: str) -> HttpResponse:
    return faces.log_file(request, PLATFORM, ending)


@require_safe
@needs("platform:read")
def platform_export(request: HttpRequest) -> HttpResponseBase:
    """Raises `NoSuchHead`, `UnfitPart`."""
    return _whole(request, PLATFORM)


def _of(vendor: Vendor) -> LogPlace:
    log, query = log_of_vendor(vendor.id), f"?vendor={vendor.id}"
    return LogPlace(log, OF_VENDOR, whole="/audit/export", query=query, among=platform)


def _whole(request: HttpRequest, place: LogPlace) -> HttpResponseBase:
    asked = ExportQuery(data=request.GET)
    if not asked.is_valid():
        raise UnfitPart
    return streamed(
        evidence.lines(place.log, asked.validated_data["start"], asked.validated_data.get("end")), place.log
    )
