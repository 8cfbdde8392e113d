"""How often strangers may try something on a page: by address, and by the account they name, whoever asks.

Counted in Valkey for all processes together. Without Valkey nobody can count, so for that while nobody signs in; those who have
signed in, and all applications, go on.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from cloudlicenses.kit.refusals import Busy, Kind, Refusal

BY_ADDRESS = "30/5m"
BY_ACCOUNT = "10/5m"
WAIT_SECONDS = 300


class TooManyTries(Refusal):
    """Sign-in and sign-up pages, for a while, for one address or one account."""

    kind = Kind.RATE_LIMITED
    code = "too_many_tries"
    title = "Too many tries. Wait five minutes, then try again."


def count_try(request: HttpRequest, account: str, *, group: str) -> None:
    """Raises `TooManyTries`, also for a right password: otherwise guessing could go on; and `Busy` when nobody can count."""
    place = request.tenant.id if request.tenant else request.host_kind
    limits = ((BY_ADDRESS, f"{place}/{request.client_ip}"), (BY_ACCOUNT, f"{place}/{account.strip().lower()}"))
    try:
        full = [
            is_ratelimited(request, f"{group}:{rate}", key=_always(key), rate=rate, increment=True)
            for rate, key in limits
        ]
    except RedisError:
        raise Busy("This is not possible for the moment. Try again soon.", retry_after=10) from None
    if any(full):
        raise TooManyTries(retry_after=WAIT_SECONDS)


def _always(key: str) -> Callable[[str, HttpRequest], str]:
    return lambda group, request: key
