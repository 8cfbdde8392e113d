"""A tenant's audit log, for its people: who did what, on what, from where, what was refused, and what proves it; and as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import faces
from audit.faces import LogPlace
from audit.sealing import log_of_tenant
from cloudlicenses.web.people import needs

LEAD = _(
    "Everything that people, keys and vendors did or tried here. Entries are only ever added, and sealed within seconds: who bends"
    " the log afterwards can be found out, by you."
)


@require_safe
@needs("audit:read")
def audit_log(request: HttpRequest) -> HttpResponse:
    return faces.log_page(request, _place(request))


@require_safe
@needs("audit:read")
def entry_page(request: HttpRequest, entry_id: int) -> HttpResponse:
    return faces.entry_page(request, _place(request), entry_id)


@require_safe
@needs("audit:read")
def audit_file(request: HttpRequest, ending: str) -> HttpResponse:
    return faces.log_file(request, _place(request), ending)


def _place(request: HttpRequest) -> LogPlace:
    return LogPlace(log_of_tenant(request.tenant.id), LEAD)
