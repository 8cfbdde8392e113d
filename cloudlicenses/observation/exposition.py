"""`GET /metrics` in Prometheus' text format: for operators only, whatever the host.

Allowed: networks in METRICS_NETWORKS, or the bearer token METRICS_TOKEN. With neither set, this machine itself, as long as
nobody forwards: behind a proxy on the same machine every stranger would come from 127.0.0.1. To others it is not there.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.observation.backlogs import Backlogs
from cloudlicenses.observation.jobs import Jobs
from cloudlicenses.web.access import for_anyone

FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@require_safe
@never_cache
@for_anyone
def metrics(request: HttpRequest) -> HttpResponse:
    """This process's counters (or all processes', see cloudlicenses.web.metrics), the jobs' and the backlogs'."""
    if not _is_operator(request):
        raise NotFound
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _is_operator(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN and _has_token(request):
        return True
    if settings.METRICS_NETWORKS or settings.METRICS_TOKEN:
        return _comes_from_allowed_network(request)
    return _comes_from_this_machine(request)


def _has_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode())


def _comes_from_allowed_network(request: HttpRequest) -> bool:
    address = _address(request)
    return address is not None and any(address in network for network in settings.METRICS_NETWORKS)


def _comes_from_this_machine(request: HttpRequest) -> bool:
    address = _address(request)
    return address is not None and address.is_loopback and not any(name in request.headers for name in FORWARDING)


def _address(request: HttpRequest) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(getattr(request, "client_ip", ""))
    except ValueError:
        return None


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(_Own())
    registry.register(Jobs())
    registry.register(Backlogs())
    return registry


class _Own(Collector):
    """What this process counted itself."""

    def collect(self) -> Iterable[Metric]:
        return REGISTRY.collect()
