"""Rate limits that all processes share: their state lives in Valkey, where one script looks and writes.

When Valkey is away each process counts for itself, so limits hold per process and nothing stops.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from cloudlicenses.kit import valkey
from cloudlicenses.kit.limits import Limit, LocalLimiter, Verdict, verdict_of
from cloudlicenses.kit.permits import KEPT_SECONDS, SHARE, Permits

MOST_TOGETHER = 128

# KEYS: the limits of all questions, one after the other. ARGV: the share that may be taken in advance; for each question how many
# limits, then of each its count, its per (ms) and how many more are wanted in advance; a negative number is given back, without
# a question. The answer, for each question: of each limit its debt (ms) and how many more there are, then whether it passed.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local share = tonumber(ARGV[1])
local out = {}
local key, arg = 0, 2
while key < #KEYS do
  local limits = tonumber(ARGV[arg])
  local passed = 1
  local found = {}
  for i = 1, limits do
    local count, per, more = tonumber(ARGV[arg + 3 * i - 2]), tonumber(ARGV[arg + 3 * i - 1]), tonumber(ARGV[arg + 3 * i])
    local step = per / count
    local tat = math.max(tonumber(redis.call('GET', KEYS[key + i]) or 0), now)
    if more >= 0 and tat + step > now + per then passed = 0 end
    found[i] = {tat, step, per, more}
  end
  for i = 1, limits do
    local tat, step, per, more = unpack(found[i])
    if passed == 1 then
      if more >= 0 then
        tat = tat + step
        more = math.min(more, math.floor((now + per - tat) / step / share))
      end
      tat = tat + step * more
      redis.call('SET', KEYS[key + i], string.format('%.3f', tat), 'PX', math.ceil(math.max(0, tat - now) + 1000))
    else
      more = 0
    end
    table.insert(out, string.format('%.0f', tat - now))
    table.insert(out, more)
  end
  table.insert(out, passed)
  key, arg = key + limits, arg + 1 + 3 * limits
end
return table.concat(out, ' ')
"""


@dataclass(frozen=True, slots=True)
class Question:
    """May one more pass all of these limits, and how many `more` of each, of so many that are wanted?"""

    limits: Sequence[Limit]
    more: Sequence[int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of each limit its debt in seconds and how many more there are."""

    debts: Sequence[float]
    more: Sequence[int]
    passed: bool


Waiting = tuple[Sequence[Limit], "asyncio.Future[Verdict]"]


class Limiter:
    """Asks Valkey; falls back on counting in this process.

    `take_async` takes permits in advance for those who come often (kit/permits.py); for the rest one call of Valkey answers all
    that ask at the same time: while one is under way, the next ones gather.
    """

    def __init__(self, url: str, *, patience_seconds: float = 0.25) -> None:
        """`patience_seconds`: a Valkey that is silent for longer is away."""
        options: dict[str, Any] = {
            "socket_timeout": patience_seconds, "socket_connect_timeout": patience_seconds, "decode_responses": True,
        }  # fmt: skip
        self._sync = redis.Redis.from_url(url, **options).register_script(SCRIPT)
        self._async = valkey.from_event_loop(url, **options).register_script(SCRIPT)
        self._local = LocalLimiter()
        self._permits = Permits()
        self._away_until = 0.0
        self._gathering: list[Waiting] = []
        self._asking: asyncio.Task[None] | None = None
        self._giving_back: asyncio.Task[None] | None = None

    def take(self, limits: Sequence[Limit]) -> Verdict:
        """Count one more against all of the limits, or against none if one of them is exhausted."""
        if not limits or self._is_away():
            return self._local.take(limits)
        asked = [Question(limits, [0] * len(limits))]
        try:
            answer = next(_read(asked, self._sync(keys=_keys(asked), args=_arguments(asked))))
            return verdict_of(limits, answer.debts, passed=answer.passed)
        except redis.RedisError:
            self._note_away()
            return self._local.take(limits)

    async def take_async(self, limits: Sequence[Limit]) -> Verdict:
        """As `take`, from the tasks of one event loop."""
        if not limits or self._is_away():
            return self._local.take(limits)
        if permitted := self._permits.take(limits):
            return permitted
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._gathering.append((limits, verdict))
        self._asking = self._asking or asyncio.create_task(self._ask())
        return await verdict

    async def close(self) -> None:
        """For the tasks: permits in hand are given back, and the connections to Valkey go."""
        if self._giving_back is not None:
            self._giving_back.cancel()
        await self._give_back(self._permits.unused(at_once=True))
        await self._async.registered_client.aclose()

    async def _give_back_in_time(self) -> None:
        while len(self._permits):
            await asyncio.sleep(KEPT_SECONDS)
            await self._give_back(self._permits.unused())
        self._giving_back = None

    async def _give_back(self, unused: Sequence[tuple[Limit, int]]) -> None:
        for some in (unused[start : start + MOST_TOGETHER] for start in range(0, len(unused), MOST_TOGETHER)):
            await self._put([Question([limit], [-count]) for limit, count in some])

    async def _ask(self) -> None:
        try:
            while self._gathering:
                asked, self._gathering = self._gathering[:MOST_TOGETHER], self._gathering[MOST_TOGETHER:]
                await self._answer(asked)
        finally:
            self._asking = None

    async def _answer(self, asked: Sequence[Waiting]) -> None:
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

    async def _ask_for(self, wanted: Sequence[Sequence[Limit]]) -> list[Verdict]:
        asked = [Question(limits, [self._permits.wanted(limit) for limit in limits]) for limits in wanted]
        answers = await self._put(asked)
        if answers is None:
            return [self._local.take(limits) for limits in wanted]
        self._giving_back = self._giving_back or asyncio.create_task(self._give_back_in_time())
        return [self._learn(question.limits, answer) for question, answer in zip(asked, answers, strict=True)]

    async def _put(self, asked: Sequence[Question]) -> list[Answer] | None:
        """To Valkey; None when it is away."""
        if self._is_away():
            return None
        try:
            return list(_read(asked, await self._async(keys=_keys(asked), args=_arguments(asked))))
        except (redis.RedisError, OSError):
            self._note_away()
            return None

    def _learn(self, limits: Sequence[Limit], answer: Answer) -> Verdict:
        for limit, debt, more in zip(limits, answer.debts, answer.more, strict=True):
            self._permits.learn(limit, debt, more, is_used=answer.passed)
        return self._permits.verdict(limits, passed=answer.passed)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self) -> None:
        self._away_until = time.monotonic() + 1.0  # don't let every request wait for a time-out


def _keys(asked: Sequence[Question]) -> list[str]:
    return [f"limit:{limit.name}" for question in asked for limit in question.limits]


def _arguments(asked: Sequence[Question]) -> list[int]:
    arguments = [SHARE]
    for question in asked:
        arguments.append(len(question.limits))
        for limit, more in zip(question.limits, question.more, strict=True):
            arguments += (limit.count, limit.per * 1000, more)
    return arguments


def _read(asked: Sequence[Question], told: str) -> Iterator[Answer]:
    numbers = map(int, told.split())
    for question in asked:
        found = list(islice(numbers, 2 * len(question.limits) + 1))
        yield Answer([debt / 1000 for debt in found[:-1:2]], found[1::2], passed=found[-1] == 1)
