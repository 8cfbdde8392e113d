"""What every test can ask for.

`db` (pytest-django's) wraps a test in a transaction and rolls it back. `committed` is for tests that need real commits:
threads, processes, a second connection, `server`; whatever they leave is taken away afterwards. The scope of the connection
is the platform's at the start and at the end of each test. The cast (tests/cast.py) is there in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import redis
import structlog
from django.conf import settings as django_settings
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from cloudlicenses.kit import clock
from licensing.guards import must_sign
from tenants import context, queries
from tests import cast, databases, leftovers, servers, sites

TAKES_MINUTES = ("tests/contract/test_fuzz.py", "tests/races/test_model.py", "tests/faults/test_torture.py")

# Examples are drawn the same way each time, and however long one takes: a test that says otherwise says why.
settings.register_profile("tests", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first: the many that take none keep all workers busy to the end. Django would flush tables that
    our login role doesn't own; say what to use instead."""
    items.sort(key=lambda item: not item.nodeid.startswith(TAKES_MINUTES))
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(
                f"{item.nodeid}: use the fixture `committed` instead of django_db(transaction=True)."
            )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replaces pytest-django's: a database of this worker's own, made as a deploy makes it."""
    with django_db_blocker.unblock():
        databases.create()
        _valkey().flushdb()
    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickHasher"]):
        yield
    with django_db_blocker.unblock():
        databases.drop()


@pytest.fixture(autouse=True)
def _all_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set up before a test's own fixtures, and so looked at after these have put back what they changed."""
    before = leftovers.standing()
    yield
    monkeypatch.undo()  # it is older than this fixture
    changed = leftovers.changes(before)
    assert not changed, "left behind for the tests that come after: " + "; ".join(changed)


@pytest.fixture(autouse=True)
def _nothing_remembered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test starts and ends on the platform's side, and nothing that one remembers or counts reaches the next."""
    context.enter(context.PLATFORM)
    yield
    context.enter(context.PLATFORM)
    structlog.contextvars.clear_contextvars()
    queries._remembered.clear()
    must_sign.forget_all()
    if "django_db_setup" in request.fixturenames:
        _valkey().flushdb()


@pytest.fixture
def transactional_db(committed: None) -> None:
    """Replaces pytest-django's."""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Commits are real; afterwards the database and Valkey are as before."""
    with django_db_blocker.unblock():
        yield
        connection.close()
        databases.clean()


@pytest.fixture
def time_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on: for a test that counts seconds, which must not go by meanwhile. What `let_pass` adds is added to it."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def empty_cache(django_db_setup: None) -> None:
    """For tests of limits that touch no database: nothing is counted before (nor after any test)."""
    _valkey().flushdb()


@pytest.fixture(scope="session")
def _server(django_db_setup: None) -> Iterator[servers.Server]:
    with servers.running() as server:
        yield server


@pytest.fixture
def server(_server: servers.Server, committed: None) -> servers.Server:
    """The real application, over HTTP on 127.0.0.1; one process a worker."""
    return _server


@pytest.fixture
def mercedes() -> str:
    return cast.MERCEDES.id


@pytest.fixture
def bmw() -> str:
    return cast.BMW.id


@pytest.fixture
def inside_mercedes(db: None, mercedes: str) -> Iterator[context.Scope]:
    with context.inside(mercedes) as scope:
        yield scope


@pytest.fixture
def acting_for_vector(db: None) -> Iterator[context.Scope]:
    with context.acting_for(cast.VECTOR.id) as scope:
        yield scope


@pytest.fixture
def apex() -> sites.Site:
    return sites.apex()


@pytest.fixture
def vendor_site() -> sites.Site:
    return sites.vendors()


@pytest.fixture
def mercedes_site() -> sites.Site:
    return sites.tenant(cast.MERCEDES.id)


@pytest.fixture
def bmw_site() -> sites.Site:
    return sites.tenant(cast.BMW.id)


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(django_settings.REDIS_URL)
