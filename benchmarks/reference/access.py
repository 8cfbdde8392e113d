"""Who calls: DRF's authentication, permission and throttle, with the product's keys, restrictions and limiter."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cloudlicenses.kit import clock
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit
from keys import recognising, restrictions
from keys.recognising import KeyFacts

limiter = Limiter(settings.REDIS_URL)


class KeyAuthentication(BaseAuthentication):
    """`request.auth` is the key."""

    def authenticate(self, request: Request) -> tuple[Any, KeyFacts]:
        text = recognising.bearer(request.headers.get("authorization", ""))
        recognising.refuse_other_tenants(recognising.owner_of(text, recognising.APPLICATION), request.tenant.id)
        return None, recognising.usable(recognising.find(text, recognising.APPLICATION), clock.now())


class KeyAllows(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        named = tuple(filter(None, (request.headers.get("x-hostname", ""),)))
        presented = restrictions.Presented(ip=request.META["REMOTE_ADDR"], hostnames=named)
        restrictions.check(key_of(request), presented, scope=view.scope)
        return True


class KeyThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: Any) -> bool:
        key = key_of(request)
        limits = [Limit(f"{key.owner}:requests:{key.id}", key.requests_per_hour or 1000, 3600)]
        if view.is_checkout:
            limits.append(Limit(f"{key.owner}:checkouts:{key.id}", key.checkouts_per_minute or 100, 60))
        return limiter.take(limits).passed


def key_of(request: Request) -> KeyFacts:
    return cast(KeyFacts, request.auth)
