"""Three kinds of host, three urlconfs, one middleware.

`BASE_DOMAIN` is the apex, `vendors.BASE_DOMAIN` the vendors', `{tenant}.BASE_DOMAIN` (or a domain of the tenant's own) a tenant's.
On a tenant's host the whole request runs under the tenant's role. Any other host is 404, in the same words as a missing page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import set_urlconf
from django.utils.cache import patch_vary_headers

from cloudlicenses.web import problems
from tenants import context, queries

URLCONFS = {
    "apex": "cloudlicenses.urls.apex",
    "vendors": "cloudlicenses.urls.vendors",
    "tenant": "cloudlicenses.urls.tenant",
}
FOR_EVERY_HOST = ("/healthz", "/readyz", "/metrics")  # probes call by address


class HostMiddleware:
    """Sets `request.host_kind`, `request.urlconf`, `request.tenant` and the scope of the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kind, tenant = ("apex", None) if request.path in FOR_EVERY_HOST else recognise(host_of(request))
        request.host_kind = kind or "apex"
        request.tenant = tenant  # type: ignore[assignment]  # None on the other hosts, whose views don't ask
        request.urlconf = URLCONFS[request.host_kind]
        set_urlconf(request.urlconf)
        structlog.contextvars.bind_contextvars(tenant=tenant.id if tenant else "")
        scope = context.scope_of_tenant(tenant.id) if tenant else context.PLATFORM
        with context.scoped(scope):
            response = self.get_response(request) if kind else problems.not_found(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = each_inside(scope, cast("Iterable[bytes]", response.streaming_content))
        patch_vary_headers(response, ["Host"])
        return response


def each_inside(scope: context.Scope, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A stream is read after the request's scope has ended: make each of its pieces inside that scope again."""
    iterator = iter(chunks)
    while True:
        with context.scoped(scope):
            chunk = next(iterator, None)
        if chunk is None:
            return
        yield chunk


def host_of(request: HttpRequest) -> str:
    """The host asked for, in lower case, without port."""
    return without_port(request.META.get("HTTP_HOST", ""))


def without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower().rstrip(".")


def recognise(host: str) -> tuple[str | None, queries.TenantFacts | None]:
    """`("apex" | "vendors" | "tenant" | None, tenant)` for a host name."""
    if host == settings.BASE_HOST:
        return "apex", None
    if host == f"vendors.{settings.BASE_HOST}":
        return "vendors", None
    label = host.removesuffix(f".{settings.BASE_HOST}")
    tenant = queries.find_tenant_by_label(label) if label != host else queries.find_tenant_by_domain(host)
    return ("tenant", tenant) if tenant else (None, None)
