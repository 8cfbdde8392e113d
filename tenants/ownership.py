"""Acting as the owner of the database: for migrations and for making and dropping schemas, never for a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection


@contextmanager
def owner_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of its own as the owner, outside of Django; autocommit, so wrap what belongs together in a transaction."""
    database: dict[str, Any] = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=database["NAME"],
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=settings.DATABASE_OWNER["USER"] or None,
        password=settings.DATABASE_OWNER["PASSWORD"] or None,
        autocommit=True,
        **database["OPTIONS"],
    ) as owner:
        yield owner


@contextmanager
def django_as_owner() -> Iterator[None]:
    """Django's own connection signs in as the owner: for running migrations."""
    login = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(login)
