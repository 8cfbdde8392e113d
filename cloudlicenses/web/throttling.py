"""Limits for strangers, by network address, counted in the cache. With the cache away nothing is counted and nobody is refused."""

from __future__ import annotations

from typing import Any

import redis
import structlog
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.exceptions import Throttled

from cloudlicenses.kit.networks import network_of

log = structlog.get_logger("throttling")


def refuse_too_many(request: HttpRequest, group: str, rate: str) -> None:
    """Count one more and raise `Throttled` beyond `rate`, which is as `30/h`."""
    usage = _usage(request, group, rate, increment=True)
    if usage and usage["count"] > usage["limit"]:
        raise Throttled(wait=usage["time_left"])


def refuse_exhausted(request: HttpRequest, group: str, rate: str) -> None:
    """Raise `Throttled` when `rate` is used up, but count nothing: for what is counted only when it succeeds (`count`)."""
    usage = _usage(request, group, rate, increment=False)
    if usage and usage["count"] >= usage["limit"]:
        raise Throttled(wait=usage["time_left"])


def count(request: HttpRequest, group: str, rate: str) -> None:
    """One more."""
    _usage(request, group, rate, increment=True)


def _usage(request: HttpRequest, group: str, rate: str, *, increment: bool) -> dict[str, Any] | None:
    try:
        usage: dict[str, Any] | None = get_usage(request, group=group, key=_network, rate=rate, increment=increment)
    except (redis.RedisError, OSError):
        log.warning("the cache is away: strangers are not limited", group=group)
        return None
    return usage


def _network(_group: str, request: HttpRequest) -> str:
    return network_of(request.client_ip)
