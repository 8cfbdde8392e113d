"""Probes: `/healthz` says that the process answers, `/readyz` that it could serve a request now.

`/readyz` is 503 without the database or with migrations to come: such a process must get no traffic. Without Valkey it is 200
and `degraded`: checkouts go on, limits are kept in process, jobs wait. Nothing here names a host, a version or an error text;
those are in the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cloudlicenses.web.access import for_anyone

PATIENCE_SECONDS = 1.0
APPLIED = "SELECT app, name FROM public.django_migrations"

log = structlog.get_logger("health")


@require_safe
@never_cache
@for_anyone
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up: nothing else is asked, so that no outage of a neighbour restarts it."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
@for_anyone
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations and cache, each with its state and how long it took to find out."""
    results = checks()
    failed = {name for name, result in results.items() if result["status"] != "ok"}
    status = "unready" if failed - {"cache"} else "degraded" if failed else "ready"
    answer = JsonResponse({"status": status, "checks": results}, status=503 if status == "unready" else 200)
    if status == "unready":
        answer["Retry-After"] = "5"
    return answer


def checks() -> dict[str, dict[str, Any]]:
    """What `/readyz` asks, for a page."""
    return {name: _timed(name, check) for name, check in CHECKS.items()}


def pending_migrations() -> int:
    """How many migrations of the code the public schema still lacks."""
    with connection.cursor() as cursor:
        cursor.execute(APPLIED)
        return len(_migrations_of_the_code() - set(cursor.fetchall()))


def _timed(name: str, check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        facts = check()
    except (DatabaseError, redis.RedisError) as error:
        log.warning("check failed", check=name, error=type(error).__name__)
        facts = {"status": "unavailable"}
    return {**facts, "ms": round((time.perf_counter() - started) * 1000, 1)}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


def _migrations() -> dict[str, Any]:
    pending = pending_migrations()
    return {"status": "pending" if pending else "ok", "pending": pending}


def _cache() -> dict[str, Any]:
    _valkey().ping()
    return {"status": "ok"}


CHECKS: dict[str, Callable[[], dict[str, Any]]] = {"database": _database, "migrations": _migrations, "cache": _cache}


@cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )
