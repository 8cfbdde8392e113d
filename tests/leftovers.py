"""What all tests of a process share: whoever leaves it changed fails, by name, instead of another test that comes later by chance.

Modules are looked at for what their names stand for: so a patch that stays, or a global that was set anew, is seen. What they keep
in dictionaries and caches is not; of those, tests/conftest.py empties what one test could learn from another.
"""

from __future__ import annotations

import decimal
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from types import ModuleType

import structlog
from celery import signals as of_celery
from celery.utils.dispatch import Signal as CelerySignal
from django.conf import settings
from django.core import signals as of_requests
from django.db import connections
from django.db.backends import signals as of_connections
from django.db.models import signals as of_models
from django.dispatch import Signal
from django.urls import get_urlconf
from django.utils import timezone, translation

from cloudlicenses.celery import app

OURS = (
    "accounts", "alerts", "applications", "audit", "billing", "certificates", "cloudlicenses", "insight", "keys", "licensing",
    "tenants", "vendors",
)  # fmt: skip
LISTENED_TO = (of_requests, of_connections, of_models, of_celery)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GONE = object()
app.loader.import_default_modules()  # else jobs come with whichever test happens to ask for them first

Standing = dict[str, object]


class Names(dict[str, object]):
    """What the names of one module stand for."""


def standing() -> Standing:
    """Everything of that kind, as it is now: to be given to `changes` later."""
    return {**_of_the_process(), **_of_django(), **_of_the_log(), **_receivers(), **_of_modules()}


def changes(before: Standing) -> list[str]:
    """What is not as it was, in words. What has come since, as a module that was imported, is no change."""
    return list(_differences(before, standing()))


def _differences(before: Mapping[str, object], now: Mapping[str, object], within: str = "") -> Iterator[str]:
    for what, was in before.items():
        is_ = now.get(what, GONE)
        if isinstance(was, Names) and isinstance(is_, Names):
            yield from _differences(was, is_, f"{what}.")
        elif is_ is not was and not _is_plain_and_equal(was, is_):
            yield f"{within}{what}: {was!r} became {is_!r}"


def _is_plain_and_equal(was: object, now: object) -> bool:
    """Models, lazy objects and the like are not to be compared: that may ask a database."""
    return type(was) is type(now) and isinstance(was, str | int | float | tuple | frozenset) and was == now


def _of_the_process() -> Standing:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {
        "directory": os.getcwd(),
        "environment": tuple(sorted(environment.items())),
        "sys.path": frozenset(sys.path),
        "signal handlers": tuple(str(signal.getsignal(number)) for number in STOPPING),
        "threads": tuple(thread.name for thread in threading.enumerate() if not thread.daemon),
        "garbage collector": gc.isenabled(),
        "sockets' patience": str(socket.getdefaulttimeout()),
        "decimal precision": decimal.getcontext().prec,
        "jobs": tuple(sorted(app.tasks)),
    }


def _of_django() -> Standing:
    return {
        "settings": id(vars(settings)["_wrapped"]),
        "caches": repr(settings.CACHES),
        "database": repr(connections["default"].settings_dict),
        "language": translation.get_language(),
        "time zone": timezone.get_current_timezone_name(),
        "addresses": str(get_urlconf()),
    }


def _of_the_log() -> Standing:
    """Of loggers that are there; pytest's own handlers at the root come and go."""
    known = logging.Logger.manager.loggerDict
    loggers = {"root": logging.getLogger()} | {
        name: one for name, one in known.items() if isinstance(one, logging.Logger)
    }
    found: Standing = {f"logger {name}": (one.level, one.disabled, one.propagate) for name, one in loggers.items()}
    return found | {
        "handlers": _kinds(loggers["root"]),
        "logging": logging.Logger.manager.disable,
        "context of the log": repr(structlog.contextvars.get_contextvars()),
    }


def _kinds(logger: logging.Logger) -> tuple[str, ...]:
    return tuple(
        type(handler).__qualname__ for handler in logger.handlers if not type(handler).__module__.startswith("_pytest")
    )


def _receivers() -> Standing:
    return {
        f"receivers of {module.__name__}.{name}": len(one.receivers or ())
        for module in LISTENED_TO
        for name, one in vars(module).items()
        if isinstance(one, Signal | CelerySignal) and name != "setting_changed"  # which modules add to that come later
    }


def _of_modules() -> Standing:
    """Of each module of ours a copy of its names; modules that it names come and go as they are imported."""
    return {name: _names_of(module) for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS}


def _names_of(module: ModuleType) -> Names:
    return Names(
        (name, value)
        for name, value in vars(module).items()
        if not (isinstance(value, ModuleType) or name.startswith("__"))
    )
