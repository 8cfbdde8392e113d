"""When a key was used last: noted when it is looked up, to the minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside
from tests import servers
from tests.licensing.workstations import Workstation

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def forgetting(workstation: Workstation) -> Iterator[Workstation]:
    """At a server that looks each key up each time."""
    command = servers.command_with({"licensing.plane.callers.REMEMBERED_SECONDS": 0.0})
    with servers.running(command=command) as server:
        yield Workstation(server, workstation.key)


def last_used() -> datetime | None:
    with inside("mercedes"):
        return ApiKey.objects.get().last_used_at


@pytest.mark.parametrize("before", [None, 2 * A_MINUTE])
def test_its_use_is_noted(forgetting: Workstation, before: timedelta | None) -> None:
    began = clock.now()
    with inside("mercedes"):
        ApiKey.objects.update(last_used_at=before and began - before)
    assert forgetting.check_out().status_code == 201
    used = last_used()
    assert used is not None
    assert began <= used <= clock.now()


def test_it_is_not_written_again_within_a_minute(forgetting: Workstation) -> None:
    lately = clock.now() - A_MINUTE / 2
    with inside("mercedes"):
        ApiKey.objects.update(last_used_at=lately)
    assert forgetting.check_out().status_code == 201
    assert last_used() == lately


def test_somebody_who_changes_the_key_at_that_moment_does_not_hold_up_its_use(forgetting: Workstation) -> None:
    with inside("mercedes"), transaction.atomic():
        ApiKey.objects.select_for_update().get()
        assert forgetting.check_out().status_code == 201
