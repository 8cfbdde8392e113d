"""Structured logs: every line carries tenant and request id, none carries a secret."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

SECRET_NAMES = ("password", "secret", "token", "authorization", "api_key", "cookie")


def configure(options: dict[str, str]) -> None:
    """Called by Django with settings.LOGGING: `{"format": "json" | "console", "level": …}`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if options["format"] == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    for quiet in ("django.request", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(quiet).setLevel(logging.ERROR)


def _without_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for name in event:
        if any(part in name.lower() for part in SECRET_NAMES):
            event[name] = "[hidden]"
    return event
