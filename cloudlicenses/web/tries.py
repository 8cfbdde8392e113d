"""How often strangers may try to get in: a few times at once, then after growing waits; by address, and by the account they name.

A try is counted before it is made, so that many at one time are no more than as many one after the other; one that succeeds is
given back. Counted in Valkey for all processes together. Without Valkey nobody can count, so for that while nobody signs in; those
who have signed in, and all applications, go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from cloudlicenses.kit import clock
from cloudlicenses.kit.networks import network_of
from cloudlicenses.kit.refusals import Busy, Kind, Refusal, gettext_noop


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` tries at once; then a wait of `first` seconds, twice as long after each further try, at most `longest`."""

    free: int
    first: int
    longest: int


WITH_ACCOUNT = Patience(free=10, first=60, longest=3600)
WITH_ADDRESS = Patience(free=30, first=60, longest=900)  # many people may sit behind one

TAKE = """
local state = redis.call('HMGET', KEYS[1], 'tries', 'open_at')
local tries, open_at, now = tonumber(state[1]) or 0, tonumber(state[2]) or 0, tonumber(ARGV[1])
if now < open_at then return math.ceil(open_at - now) end
local free, first, longest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wait = 0
if tries + 1 >= free then wait = math.min(first * 2 ^ (tries + 1 - free), longest) end
redis.call('HSET', KEYS[1], 'tries', tries + 1, 'open_at', now + wait)
redis.call('EXPIRE', KEYS[1], 2 * longest)
return 0
"""
GIVE_BACK = """
local tries = tonumber(redis.call('HGET', KEYS[1], 'tries')) or 0
if tries > 0 and redis.call('HINCRBY', KEYS[1], 'tries', -1) < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'open_at', 0) end
"""


class TooManyTries(Refusal):
    """Sign-in pages, for a while, for one address or one account."""

    kind = Kind.RATE_LIMITED
    code = "too_many_tries"
    title = gettext_noop("Too many tries. Wait a while, then try again.")


def take(request: HttpRequest, account: str, *, group: str) -> None:
    """Count a try; raises `TooManyTries`, also for a right password: otherwise guessing could go on; and `Busy`."""
    try:
        waits = [
            int(_client().eval(TAKE, 1, key, clock.now().timestamp(), patience.free, patience.first, patience.longest))
            for key, patience in _keys(request, account, group)
        ]
    except RedisError:
        raise Busy(gettext_noop("This is not possible for the moment. Try again soon."), retry_after=10) from None
    if longest := max(waits):
        raise TooManyTries(_in_words(longest), retry_after=longest)


def give_back(request: HttpRequest, account: str, *, group: str) -> None:
    """The try succeeded: the account starts anew, the address has this one back."""
    (of_address, patience), (of_account, _unused) = _keys(request, account, group)
    try:
        _client().delete(of_account)
        _client().eval(GIVE_BACK, 1, of_address, patience.free)
    except RedisError:
        raise Busy(gettext_noop("This is not possible for the moment. Try again soon."), retry_after=10) from None


def _keys(request: HttpRequest, account: str, group: str) -> list[tuple[str, Patience]]:
    place = (
        f"tenant-{request.tenant.id}" if request.tenant else request.host_kind
    )  # a tenant may be called as a host is
    return [
        (f"cl:tries:{group}:{place}:address:{network_of(request.client_ip)}", WITH_ADDRESS),
        (f"cl:tries:{group}:{place}:account:{account.strip().lower()}", WITH_ACCOUNT),
    ]


def _in_words(seconds: int) -> str:
    minutes = -(-seconds // 60)
    text = ngettext(
        "Too many tries. Wait %(n)s minute, then try again.",
        "Too many tries. Wait %(n)s minutes, then try again.",
        minutes,
    )
    return text % {"n": minutes}


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
