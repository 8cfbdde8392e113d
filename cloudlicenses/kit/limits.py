"""Rate limits by GCRA (generic cell rate algorithm): a full burst at once, then one more each `per / count` seconds.

The state of a limit is one number, its "theoretical arrival time". It lives in Valkey, where one script looks and writes, so all
processes share it; when Valkey is away each process counts for itself, so limits hold per process and nothing stops.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis
import redis.asyncio

MOST_TOGETHER = 128

# KEYS: the limits of all questions, one after the other. ARGV: for each question how many limits, then count and per (ms) of each.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local out = {}
local key, arg = 0, 1
while key < #KEYS do
  local limits = tonumber(ARGV[arg])
  local passed = 1
  local tats = {}
  for i = 1, limits do
    local count, per = tonumber(ARGV[arg + 2 * i - 1]), tonumber(ARGV[arg + 2 * i])
    local step = per / count
    local tat = math.max(tonumber(redis.call('GET', KEYS[key + i]) or 0), now)
    if tat + step > now + per then passed = 0 end
    tats[i] = {tat, step, per}
  end
  for i = 1, limits do
    local tat, step, per = tats[i][1], tats[i][2], tats[i][3]
    if passed == 1 then
      tat = tat + step
      redis.call('SET', KEYS[key + i], string.format('%.3f', tat), 'PX', math.ceil(per + 1000))
    end
    table.insert(out, string.format('%.0f', tat - now))
  end
  table.insert(out, passed)
  key, arg = key + limits, arg + 1 + 2 * limits
end
return table.concat(out, ' ')
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


Question = tuple[Sequence[Limit], "asyncio.Future[Verdict]"]
UNLIMITED = Verdict(passed=True, limit=0, remaining=0, reset=0, retry_after=0)


class Limiter:
    """Asks Valkey; falls back on counting in this process.

    `take_async` costs one call of Valkey for all that ask at the same time: while one is under way, the next ones gather.
    """

    def __init__(self, url: str) -> None:
        options: dict[str, Any] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, "decode_responses": True}
        self._sync = redis.Redis.from_url(url, **options).register_script(SCRIPT)
        self._async = redis.asyncio.Redis.from_url(url, **options).register_script(SCRIPT)
        self._local = LocalLimiter()
        self._away_until = 0.0
        self._gathering: list[Question] = []
        self._asking: asyncio.Task[None] | None = None

    def take(self, limits: Sequence[Limit]) -> Verdict:
        """Count one more against all of the limits, or against none if one of them is exhausted."""
        if not limits or self._is_away():
            return self._local.take(limits)
        try:
            return _verdicts([limits], self._sync(keys=_keys([limits]), args=_arguments([limits])))[0]
        except redis.RedisError:
            self._note_away()
            return self._local.take(limits)

    async def take_async(self, limits: Sequence[Limit]) -> Verdict:
        """As `take`, from the tasks of one event loop."""
        if not limits or self._is_away():
            return self._local.take(limits)
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._gathering.append((limits, verdict))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await verdict

    async def close(self) -> None:
        """For the tasks: their connections to Valkey."""
        await self._async.registered_client.aclose()

    async def _ask(self) -> None:
        try:
            while self._gathering:
                asked, self._gathering = self._gathering[:MOST_TOGETHER], self._gathering[MOST_TOGETHER:]
                await self._answer(asked)
        finally:
            self._asking = None

    async def _answer(self, asked: Sequence[Question]) -> None:
        """Each of them hears something, whatever happens: nobody may wait for ever."""
        try:
            verdicts = await self._ask_for([limits for limits, _ in asked])
            for (_, waiting), verdict in zip(asked, verdicts, strict=True):
                if not waiting.done():  # its request may have gone
                    waiting.set_result(verdict)
        except Exception as error:
            for _, waiting in asked:
                if not waiting.done():
                    waiting.set_exception(error)

    async def _ask_for(self, questions: Sequence[Sequence[Limit]]) -> list[Verdict]:
        if not self._is_away():
            try:
                return _verdicts(questions, await self._async(keys=_keys(questions), args=_arguments(questions)))
            except (redis.RedisError, OSError):
                self._note_away()
        return [self._local.take(limits) for limits in questions]

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self) -> None:
        self._away_until = time.monotonic() + 1.0  # don't let every request wait for a time-out


class LocalLimiter:
    """The same algorithm in this process, for any of its threads; bounded memory."""

    MOST = 100_000

    def __init__(self) -> None:
        self._tats: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, limits: Sequence[Limit]) -> Verdict:
        if not limits:
            return UNLIMITED
        with self._lock:
            return self._take(limits)

    def _take(self, limits: Sequence[Limit]) -> Verdict:
        now = time.monotonic() * 1000
        if len(self._tats) > self.MOST:
            self._forget_half()
        tats = [max(self._tats.get(limit.name, 0.0), now) for limit in limits]
        steps = [limit.per * 1000 / limit.count for limit in limits]
        passed = all(tat + step <= now + limit.per * 1000 for tat, step, limit in zip(tats, steps, limits, strict=True))
        if passed:
            tats = [tat + step for tat, step in zip(tats, steps, strict=True)]
            self._tats.update({limit.name: tat for limit, tat in zip(limits, tats, strict=True)})
        return _verdict(limits, [*(tat - now for tat in tats), int(passed)])

    def _forget_half(self) -> None:
        """Those nearest to where they began: what is forgotten of them is the least."""
        self._tats = dict(sorted(self._tats.items(), key=lambda item: item[1])[self.MOST // 2 :])


def _keys(questions: Sequence[Sequence[Limit]]) -> list[str]:
    return [f"limit:{limit.name}" for limits in questions for limit in limits]


def _arguments(questions: Sequence[Sequence[Limit]]) -> list[int]:
    arguments: list[int] = []
    for limits in questions:
        arguments.append(len(limits))
        for limit in limits:
            arguments += (limit.count, limit.per * 1000)
    return arguments


def _verdicts(questions: Sequence[Sequence[Limit]], told: str) -> list[Verdict]:
    answers = iter(told.split())
    return [_verdict(limits, list(islice(answers, len(limits) + 1))) for limits in questions]


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
