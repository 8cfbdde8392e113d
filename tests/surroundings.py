"""Where the tests run: a database, roles and a Valkey number of each worker's own, named before Django reads its settings.

Everything goes by way of the environment, so that a server or command that a test starts finds the same places.
"""

from __future__ import annotations

import os
from importlib import import_module
from urllib.parse import urlsplit, urlunsplit

import django
from django.conf import settings

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
FIXED = {
    "BASE_DOMAIN": "localhost:8000",
    "LOG_LEVEL": "ERROR",
    "EMAIL_URL": "smtp://127.0.0.1:9",
}


def prepare() -> None:
    """Name this worker's own places and load Django. Without services, one line says how to get them."""
    if not os.environ.get("DATABASE_URL"):
        raise SystemExit("DATABASE_URL is not set: run the tests with `make test`, which brings PostgreSQL and Valkey.")
    if settings.configured:
        raise SystemExit("DJANGO_SETTINGS_MODULE is set; unset it, for the tests choose their settings.")
    os.environ.update(FIXED)
    if "CLOUDLICENSES_TEST_SERVER" not in os.environ:  # xdist's workers inherit what their controller has changed
        os.environ["CLOUDLICENSES_TEST_SERVER"] = os.environ["DATABASE_URL"]
    server = urlsplit(server_url())
    os.environ["DATABASE_URL"] = urlunsplit(server._replace(path=f"{server.path}_test_{WORKER}"))
    valkey = urlsplit(os.environ.get("REDIS_URL", ""))
    if valkey.scheme != "unix":
        os.environ["REDIS_URL"] = urlunsplit(valkey._replace(path=f"/{valkey_number()}"))
    _load_django()


def server_url() -> str:
    """The database that was there before: databases are created and dropped from it."""
    return os.environ["CLOUDLICENSES_TEST_SERVER"]


def valkey_number() -> int:
    """0 is left to whoever uses the server otherwise."""
    return int(WORKER.removeprefix("gw")) % 14 + 2 if WORKER.startswith("gw") else 1


def _load_django() -> None:
    """The name of the settings doesn't stay in the environment: pytest-django would load them in a worker before we come. Whoever
    imports the jobs would name them again, and listen to them from then on: so they are imported now, for all tests alike."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "cloudlicenses.settings.base"
    django.setup()
    import_module("cloudlicenses.celery")
    del os.environ["DJANGO_SETTINGS_MODULE"]
