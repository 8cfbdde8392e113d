"""No worker has run for an hour: nothing is lost, and the first that comes works the backlog off, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from audit import delivery, events
from audit.delivery import Event
from audit.outbox.models import OutboxEntry
from cloudlicenses.kit import clock
from licensing import reclaim
from licensing.models import Lease, License
from tenants.context import inside, platform
from tenants.models import SweepDue
from tests import builders
from tests.licensing.workstations import Workstation
from tests.races.auditing import faults_of
from tests.servers import Server

pytestmark = pytest.mark.usefixtures("committed")
HOUR = timedelta(hours=1)
SEATS = 5
ANNOUNCED = "tenant.verified"


def test_seats_of_an_hour_come_back_at_once_and_once(server: Server) -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=SEATS, commit_qty=2, max_overage=3)
        workstation = Workstation(server, builders.tenant_key())
    for _ in range(SEATS):
        assert workstation.check_out().status_code == 201
    _an_hour_passes()
    assert reclaim.reclaim_due() == SEATS
    assert reclaim.reclaim_due() == 0
    with inside("mercedes"):
        assert License.objects.values_list("commit_in_use", "overage_in_use").get() == (0, 0)
        assert set(Lease.objects.values_list("ended_by", flat=True)) == {"expired"}
    assert faults_of("mercedes") == []


def test_what_was_recorded_meanwhile_is_announced_once() -> None:
    heard: list[str] = []

    def listener(event: Event) -> None:
        heard.append(event.subject[1])

    with platform():
        for number in range(SEATS):
            events.record(ANNOUNCED, actor=builders.actor(), subject=("tenant", str(number)))
        OutboxEntry.objects.update(at=clock.now() - HOUR, next_try_at=clock.now() - HOUR)
        assert delivery.deliver_due({ANNOUNCED: [listener]}, inside=inside) == SEATS
        assert delivery.deliver_due({ANNOUNCED: [listener]}, inside=inside) == 0
    assert heard == [str(number) for number in range(SEATS)]


def _an_hour_passes() -> None:
    """The leases have lapsed; that the sweep is due has been known for an hour."""
    with inside("mercedes"):
        Lease.objects.update(expires_at=F("issued_at"))
    with platform():
        SweepDue.objects.update(due_at=clock.now() - HOUR)
