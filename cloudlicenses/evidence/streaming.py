"""Files that are sent while they are read: nobody waits for the last line of a million, and nothing holds them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from audit import evidence
from tenants import context

MEDIA_TYPE = "application/jsonl"
Batch = list[dict[str, Any]]


def streamed(batches: Iterator[Batch], log: str) -> StreamingHttpResponse:
    """JSON Lines. What the first batch refuses is refused before the first byte; the rest is read in the present scope, later."""
    return StreamingHttpResponse(
        _texts(next(batches), batches, context.current()),
        content_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{log.replace("/", "-")}.jsonl"',
            "Cache-Control": "no-store",
        },
    )


def _texts(opening: Batch, batches: Iterator[Batch], scope: context.Scope) -> Iterator[bytes]:
    """The request has left its scope by the time that this is asked for the rest."""
    batch: Batch | None = opening
    while batch is not None:
        yield evidence.as_text(batch)
        with context.scoped(scope):
            batch = next(batches, None)
