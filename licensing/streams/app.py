"""`GET /api/v1/events/stream` of a tenant, `GET /live` of a vendor: Django's door lets in, and from then on the stream is kept open
here.

Bounded in every way: streams a caller, a tenant or vendor, and a process; bytes that wait for a slow listener; the time until a
revoked key, an ended session or a restart closes it. Whoever is turned away hears when to come again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis
import structlog

from cloudlicenses.kit.refusals import Busy, Refusal
from cloudlicenses.web import metrics, problems
from cloudlicenses.web.wakeups import OF_VENDOR
from licensing.plane.http import Receive, Request, Scope, Send, problem_of, request_from, send_json
from licensing.refusals import DatabaseAway, TooManyStreams
from licensing.seats import Pool, is_away
from licensing.streams import listening
from licensing.streams.asking import Application, Asked, ask
from licensing.streams.bells import Bells
from licensing.streams.changes import Changes
from licensing.streams.crowd import COME_BACK, Crowd
from licensing.streams.feed import Feed
from licensing.streams.reading import Reader
from licensing.streams.stream import Caller, Stream

PATHS = frozenset({"/api/v1/events/stream", "/live"})
MOST_OF_A_CALLER, MOST_OF_A_TENANT, MOST_HERE = 1_000, 2_000, 5_000  # of a vendor as many as of a tenant
TICK = 5.0
BEATS_EVERY = 3  # ticks: a sign of life each 15 s
LOOKS_ANYWAY_EVERY = 6  # ticks: what nobody rang for is found after half a minute
MOST_CHECKED_A_SECOND = 50
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "vary": "Host",
}

log = structlog.get_logger("streams")


class EventStreams:
    """One per process. `ring(tenant_id)` after whatever was committed; `stop_soon` when the process is to end."""

    def __init__(self, django: Application, pool: Pool) -> None:
        self._django = django
        self._reader = Reader(pool)
        self._crowds: dict[str, Crowd] = {}
        self._callers: Counter[str] = Counter()
        self._is_stopping = False
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="streams")
        self._bells = Bells(self._hear, self._changed, self._out_of_touch)
        self._tasks: set[asyncio.Task[None]] = set()
        for forever in (self._bells.pass_on, self._bells.listen, self._tend, self._check):
            self._start(forever())

    @property
    def ring(self) -> Callable[[str], None]:
        return self._bells.ring

    @property
    def ring_from_a_thread(self) -> Callable[[str], None]:
        return self._bells.ring_from_a_thread

    def stop_soon(self) -> None:
        """Every stream is closed with the advice to come back, to another process or to the next one."""
        self._is_stopping = True
        for crowd in list(self._crowds.values()):
            self._start(crowd.close())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False)
        await self._bells.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await ask(self._django, scope, receive, send)
        if asked is None:
            return  # Django has answered
        try:
            self._refuse_a_crowd(asked.caller)
        except Refusal as refusal:
            await _answer(refusal, request_from(scope), asked.headers, send)
            return
        stream = Stream(asked.caller, send)
        self._enter(stream)
        try:
            await self._serve(stream, asked, request_from(scope), receive, send)
        finally:
            self._leave(stream)

    async def _serve(self, stream: Stream, asked: Asked, request: Request, receive: Receive, send: Send) -> None:
        try:
            await self._crowds[stream.caller.audience].join(stream, asked.since)
        except Exception as error:
            await _answer(_as_refusal(error), request, asked.headers, send)
            return
        if self._is_stopping:  # since it was let in
            stream.end(COME_BACK)
        await self._keep_open(stream, asked, receive, send)

    async def _keep_open(self, stream: Stream, asked: Asked, receive: Receive, send: Send) -> None:
        log.info("stream opened", audience=stream.caller.audience, caller=stream.caller.name)
        await send({"type": "http.response.start", "status": 200, "headers": _raw({**asked.headers, **HEADERS})})
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            await stream.flow()
        finally:
            gone.cancel()

    def _refuse_a_crowd(self, caller: Caller) -> None:
        if self._is_stopping or sum(self._callers.values()) >= MOST_HERE:
            raise Busy(retry_after=2)
        beside = self._crowds[caller.audience].size if caller.audience in self._crowds else 0
        if self._callers[_name(caller)] >= MOST_OF_A_CALLER or beside >= MOST_OF_A_TENANT:
            raise TooManyStreams(retry_after=30)

    def _enter(self, stream: Stream) -> None:
        audience = stream.caller.audience
        if audience not in self._crowds:
            self._crowds[audience] = self._crowd_of(audience)
        self._crowds[audience].enter(stream)
        self._callers[_name(stream.caller)] += 1
        metrics.observe_streams(sum(self._callers.values()))

    def _crowd_of(self, audience: str) -> Crowd:
        if audience.startswith(OF_VENDOR):
            return Changes(audience, self._bells.marks_of)
        return Feed(audience, self._reader)

    def _leave(self, stream: Stream) -> None:
        stream.end()
        name, audience = _name(stream.caller), stream.caller.audience
        self._callers[name] -= 1
        if not self._callers[name]:
            del self._callers[name]
        self._crowds[audience].leave(stream)
        if not self._crowds[audience].size:
            del self._crowds[audience]
        metrics.observe_streams(sum(self._callers.values()))

    def _hear(self, audience: str) -> None:
        crowd = self._crowds.get(audience)
        if crowd is not None:
            crowd.ring()

    def _out_of_touch(self) -> None:
        for crowd in self._crowds.values():
            if isinstance(crowd, Changes):
                crowd.forget()

    def _changed(self, kind: str, name: str) -> None:
        """A key or a tenant is not what it was: look at once at those whom it concerns."""
        for audience, crowd in self._crowds.items():
            if name == audience or any(stream.caller.proof == name for stream in crowd.streams):
                self._start(self._check_crowd(audience))

    async def _tend(self) -> None:
        """For ever: signs of life, an end to those who read too slowly, and a look for what nobody rang for."""
        tick = 0
        while True:
            await asyncio.sleep(TICK)
            tick += 1
            is_looking = not self._bells.is_connected or tick % LOOKS_ANYWAY_EVERY == 0
            for crowd in list(self._crowds.values()):
                slow = [stream for stream in crowd.streams if stream.cut_if_slow()]
                if slow:
                    log.info("streams cut that read too slowly", audience=crowd.audience, streams=len(slow))
                if is_looking:
                    crowd.ring()
                if tick % BEATS_EVERY == 0:
                    await crowd.beat()

    async def _check(self) -> None:
        """For ever, crowd by crowd: everybody who listens is looked at again each few seconds."""
        while True:
            audiences = list(self._crowds)
            for audience in audiences:
                await asyncio.sleep(max(TICK / len(audiences), 1 / MOST_CHECKED_A_SECOND))
                await self._check_crowd(audience)
            if not audiences:
                await asyncio.sleep(TICK)

    async def _check_crowd(self, audience: str) -> None:
        crowd = self._crowds.get(audience)
        if crowd is None:
            return
        callers = {stream.caller for stream in crowd.streams}
        try:
            gone = await asyncio.get_running_loop().run_in_executor(
                self._threads, listening.no_longer, audience, callers
            )
        except Exception as error:
            log.warning("listeners can't be checked now", audience=audience, exc_info=error)
            return
        for stream in [stream for stream in crowd.streams if stream.caller in gone]:
            log.info("stream ended: its caller may not listen any more", audience=audience, caller=stream.caller.name)
            stream.end()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _answer(refusal: Refusal, request: Request, headers: Mapping[str, str], send: Send) -> None:
    status, document, own = problem_of(refusal, request)
    await send_json(send, status, document, {**headers, **own}, problems.MEDIA_TYPE)


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, redis.RedisError):
        return Busy(retry_after=5)
    if not is_away(error):
        log.error("defect", exc_info=error)
    return DatabaseAway() if is_away(error) else Busy()


def _name(caller: Caller) -> str:
    return f"{caller.audience}:{caller.name}"


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
