"""The tenant of a host, looked up at each request as django-tenants does, and the scope of the database set for the request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from tenants.context import inside
from tenants.hosts import host_of
from tenants.models import Tenant
from tenants.queries import TenantFacts

FACTS = tuple(TenantFacts.__dataclass_fields__)


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        label = host_of(request).removesuffix(f".{settings.BASE_HOST}")
        found = Tenant.objects.filter(id=label, status=Tenant.Status.ACTIVE).values(*FACTS).first()
        if found is None:
            return HttpResponseNotFound()
        request.tenant = TenantFacts(**found)
        with inside(label):
            return self.get_response(request)
