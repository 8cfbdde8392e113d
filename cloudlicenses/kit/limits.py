"""Rate limits by GCRA (generic cell rate algorithm): a full burst at once, then one more each `per / count` seconds.

The state of a limit is one number, its "theoretical arrival time". It lives in Valkey, where one script looks and writes, so all
processes share it; when Valkey is away each process counts for itself, so limits hold per process and nothing stops.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio

SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local out = {}
local passed = 1
local tats = {}
for i, key in ipairs(KEYS) do
  local count, per = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local step = per / count
  local tat = math.max(tonumber(redis.call('GET', key) or 0), now)
  if tat + step > now + per then passed = 0 end
  tats[i] = {tat, step, per}
end
for i, key in ipairs(KEYS) do
  local tat, step, per = tats[i][1], tats[i][2], tats[i][3]
  if passed == 1 then
    tat = tat + step
    redis.call('SET', key, string.format('%.3f', tat), 'PX', math.ceil(per + 1000))
  end
  table.insert(out, string.format('%.0f', tat - now))
end
table.insert(out, tostring(passed))
return out
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in `per` seconds for what `name` names."""

    name: str
    count: int
    per: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of the limit nearest to its end: may it pass, how many are left, seconds until full and until the next may pass."""

    passed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int

    def as_headers(self) -> dict[str, str]:
        """`RateLimit-*`, as the IETF's draft names them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


UNLIMITED = Verdict(passed=True, limit=0, remaining=0, reset=0, retry_after=0)


class Limiter:
    """Asks Valkey; falls back on counting in this process."""

    def __init__(self, url: str) -> None:
        options: dict[str, Any] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, "decode_responses": True}
        self._sync = redis.Redis.from_url(url, **options).register_script(SCRIPT)
        self._async = redis.asyncio.Redis.from_url(url, **options).register_script(SCRIPT)
        self._local = LocalLimiter()
        self._away_until = 0.0

    def take(self, limits: Sequence[Limit]) -> Verdict:
        """Count one more against all of the limits, or against none if one of them is exhausted."""
        if not limits or self._is_away():
            return self._local.take(limits)
        try:
            return _verdict(limits, self._sync(keys=_keys(limits), args=_arguments(limits)))
        except redis.RedisError:
            return self._count_here(limits)

    async def take_async(self, limits: Sequence[Limit]) -> Verdict:
        if not limits or self._is_away():
            return self._local.take(limits)
        try:
            return _verdict(limits, await self._async(keys=_keys(limits), args=_arguments(limits)))
        except (redis.RedisError, OSError):
            return self._count_here(limits)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _count_here(self, limits: Sequence[Limit]) -> Verdict:
        self._away_until = time.monotonic() + 1.0  # don't let every request wait for a time-out
        return self._local.take(limits)


class LocalLimiter:
    """The same algorithm in this process; bounded memory."""

    MOST = 100_000

    def __init__(self) -> None:
        self._tats: dict[str, float] = {}

    def take(self, limits: Sequence[Limit]) -> Verdict:
        if not limits:
            return UNLIMITED
        now = time.monotonic() * 1000
        if len(self._tats) > self.MOST:
            self._tats = {name: tat for name, tat in self._tats.items() if tat > now}
        tats = [max(self._tats.get(limit.name, 0.0), now) for limit in limits]
        steps = [limit.per * 1000 / limit.count for limit in limits]
        passed = all(tat + step <= now + limit.per * 1000 for tat, step, limit in zip(tats, steps, limits, strict=True))
        if passed:
            tats = [tat + step for tat, step in zip(tats, steps, strict=True)]
            self._tats.update({limit.name: tat for limit, tat in zip(limits, tats, strict=True)})
        return _verdict(limits, [*(tat - now for tat in tats), int(passed)])


def _keys(limits: Sequence[Limit]) -> list[str]:
    return [f"limit:{limit.name}" for limit in limits]


def _arguments(limits: Sequence[Limit]) -> list[int]:
    return [number for limit in limits for number in (limit.count, limit.per * 1000)]


def _verdict(limits: Sequence[Limit], told: Sequence[Any]) -> Verdict:
    """From milliseconds of debt per limit, and whether it passed; the limit with least left speaks."""
    passed = bool(int(told[-1]))
    found = []
    for limit, told_debt in zip(limits, told, strict=False):
        debt, step = float(told_debt) / 1000, limit.per / limit.count
        remaining = max(0, int((limit.per - debt) / step + 1e-6))
        wait = 0 if passed else max(0.0, debt + step - limit.per)
        found.append(Verdict(passed, limit.count, remaining, int(debt + 0.999), int(wait + 0.999)))
    return min(found, key=lambda verdict: (-verdict.retry_after, verdict.remaining / verdict.limit))
