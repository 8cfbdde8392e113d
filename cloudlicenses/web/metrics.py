"""What is counted, and the only words by which it may be told apart. `cloudlicenses.observation` shows it to operators.

Labels are ours, never a stranger's: a kind of host, a route's template, a code of a refusal, the id of a tenant that exists.
A host name, an id or a path as it came would let anybody fill our memory. Counting is per process: with several web processes
on one machine set PROMETHEUS_MULTIPROC_DIR, and each answer of `/metrics` speaks for all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

MOST_TENANTS = 5_000  # more than one process of ours will see; what comes after is counted under OTHERS
OTHERS = "(others)"
UNMATCHED = "(unmatched)"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
DURATIONS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)

disable_created_metrics()  # half the answer, and nothing reads it
_requests = Histogram(
    "cloudlicenses_request_seconds", "Requests answered, by kind of host, route, method and status.",
    ["host_kind", "route", "method", "status"], buckets=DURATIONS,
)  # fmt: skip
_checkouts = Counter("cloudlicenses_checkouts", "Seats granted.", ["tenant", "lease_type"])
_denials = Counter("cloudlicenses_denials", "Checkouts refused, by the code of the refusal.", ["tenant", "code"])
_batch_sizes = Histogram(
    "cloudlicenses_plane_batch_requests", "Requests committed together by the plane.", buckets=SIZES
)
_batch_seconds = Histogram(
    "cloudlicenses_plane_batch_seconds", "From a batch's first statement to its commit.", buckets=DURATIONS
)
_queue = Gauge(
    "cloudlicenses_plane_queue_length", "Requests that wait for the next batch.", multiprocess_mode="livesum"
)
_held_back = Counter(
    "cloudlicenses_plane_held_back", "Requests that waited at the door, since their tenant rushed.", ["tenant"]
)
_streams = Gauge("cloudlicenses_event_streams", "Event streams that are open.", multiprocess_mode="livesum")
_tenants: set[str] = set()


def observe_request(host_kind: str, route: str, status: int, seconds: float, method: str = "POST") -> None:
    """One request answered. `route` is a template, as `/api/v1/licenses/<license_id>`."""
    _series(host_kind, route, method if method in METHODS else "other", status).observe(seconds)


@lru_cache(maxsize=4096)  # finding a series costs more than counting in it
def _series(host_kind: str, route: str, method: str, status: int) -> Histogram:
    return _requests.labels(host_kind, route, method, str(status))


def count_checkout(tenant: str, lease_type: str) -> None:
    """A seat was granted: `commit` or `overage`."""
    _checkouts.labels(_bounded(tenant), lease_type).inc()


def count_denial(tenant: str, code: str) -> None:
    """A checkout was refused. `tenant` is one that was recognised, `code` that of a `Refusal`."""
    _denials.labels(_bounded(tenant), code).inc()


def observe_batch(size: int, seconds: float) -> None:
    """The plane committed `size` requests together."""
    _batch_sizes.observe(size)
    _batch_seconds.observe(seconds)


def observe_queue(length: int) -> None:
    """So many requests wait for the plane's next batch."""
    _queue.set(length)


def count_held_back(tenant: str) -> None:
    """A request has to wait until its tenant has less under way."""
    _held_back.labels(_bounded(tenant)).inc()


def observe_streams(number: int) -> None:
    """So many event streams are open in this process."""
    _streams.set(number)


class MetricsMiddleware:
    """Observes what Django answers. Stands outside of all that may answer early, so that nothing goes uncounted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        observe_request(
            getattr(request, "host_kind", "none"), _route(request), response.status_code, seconds, request.method or ""
        )
        return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match else UNMATCHED


def _bounded(tenant: str) -> str:
    if tenant not in _tenants:
        if len(_tenants) >= MOST_TENANTS:
            return OTHERS
        _tenants.add(tenant)
    return tenant
