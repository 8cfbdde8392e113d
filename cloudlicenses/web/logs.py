"""Structured logs: every line carries tenant and request id, none carries a secret.

One handler on the root logger renders whatever anybody logs, our own or a library's: Django's, uvicorn's, Celery's. What is
known of the request or job in hand (`request_id`, `tenant`, `job`) is bound to the context and added to each line.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from typing import Any

import structlog

from cloudlicenses.web.scrubbing import scrub

# Loggers that bring handlers of their own, or say at INFO what our "request" line says better.
GUESTS = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "uvicorn.asgi",
    "celery",
    "celery.task",
    "celery.redirected",
    "amqp",
)
# Celery would say of each sweep, several times a second, that it came and went; /metrics counts them.
QUIET = (
    "django.request",
    "httpx",
    "httpcore",
    "uvicorn.access",
    "asyncio",
    "celery.worker.strategy",
    "celery.app.trace",
    "celery.beat",
)


def configure(options: dict[str, str]) -> None:
    """Called by Django with settings.LOGGING: `{"format": "json" | "console", "level": …, "file": …}`.

    The file gets the same lines as JSON, for a collector that takes them off the machine. It may be moved away at any time.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(options["level"]),  # what is not logged costs nothing
        cache_logger_on_first_use=True,
    )
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(_formatter(shared, options["format"]))
    root = logging.getLogger()
    root.handlers[:] = [told]
    if options.get("file"):
        kept = logging.handlers.WatchedFileHandler(options["file"], encoding="utf-8")
        kept.setFormatter(_formatter(shared, "json"))
        root.handlers.append(kept)
    root.setLevel(options["level"])
    _take_in_guests()
    logging.captureWarnings(True)


def _formatter(shared: list[Any], renderer: str) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            scrub,
            _renderer(renderer),
        ],
    )


def _renderer(name: str) -> Any:
    return structlog.processors.JSONRenderer() if name == "json" else structlog.dev.ConsoleRenderer(colors=False)


def _take_in_guests() -> None:
    for name in GUESTS:
        guest = logging.getLogger(name)
        guest.handlers.clear()
        guest.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
