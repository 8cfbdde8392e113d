"""One logical call: the same request, tried until it is answered or patience ends.

A lost connection, 429 and 5xx are tried again after a growing, jittered pause, or after what `Retry-After` asks, capped. The
request keeps its `Idempotency-Key` over all tries, so a try that was carried out but not heard is never carried out twice.
Each try has its own `X-Request-ID`, so that the server's log tells them apart.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace

from ._errors import ServerUnreachableError
from ._problems import error_in, retry_after_in
from ._wire import Answer, Request, Wire

_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class Patience:
    """How often and how long. Times are seconds."""

    max_retries: int = 3
    first_pause: float = 0.25
    longest_pause: float = 8.0
    longest_retry_after: float = 30.0

    def pause_before(self, retry: int, asked: float | None = None) -> float:
        """The pause before retry 0, 1, 2 …; what the server asked for counts, up to the cap."""
        if asked is not None:
            return min(asked, self.longest_retry_after)
        full = min(self.first_pause * 2.0**retry, self.longest_pause)
        # Jitter keeps a thousand workstations from coming back in the same instant.
        return full * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


async def ask(wire: Wire, request: Request, patience: Patience) -> Answer:
    """The successful answer; raises the refusal, `ServerError` or `ServerUnreachableError` that remains at the end."""
    for retry in range(patience.max_retries):
        try:
            answer = await wire.send(_numbered(request))
        except ServerUnreachableError:
            await wire.pause(patience.pause_before(retry))
            continue
        if not _worth_retrying(answer):
            return _success(answer)
        await wire.pause(patience.pause_before(retry, retry_after_in(answer)))
    return _success(await wire.send(_numbered(request)))


def _numbered(request: Request) -> Request:
    return replace(request, headers={**request.headers, "X-Request-ID": uuid.uuid4().hex})


def _worth_retrying(answer: Answer) -> bool:
    return answer.status == _TOO_MANY_REQUESTS or answer.status >= 500


def _success(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    raise error_in(answer)
