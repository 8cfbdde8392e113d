"""Looking for proofs in the background: what is due, with growing pauses, until it is there or too late."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from tenants import verification
from tenants.models import Registration, Tenant
from tests.tenants.authority import Authority
from tests.tenants.conftest import Pass, registered, show_in_dns

pytestmark = pytest.mark.usefixtures("committed", "time_stands")


def test_a_record_that_appears_makes_the_tenant(dns: Authority, let_pass: Pass) -> None:
    registration = registered()
    let_pass(timedelta(seconds=5))
    assert verification.look_for_proofs() == 1
    assert not Tenant.objects.filter(id="acme").exists()
    show_in_dns(dns, registration)
    let_pass(timedelta(seconds=5))
    assert verification.look_for_proofs() == 1
    assert Tenant.objects.get(id="acme").status == Tenant.Status.ACTIVE
    registration.refresh_from_db()
    assert (registration.status, registration.verified_by, registration.looks) == ("verified", "dns", 2)
    assert verification.look_for_proofs() == 0


def test_nothing_is_looked_for_before_it_is_due(dns: Authority, let_pass: Pass) -> None:
    registered()
    assert verification.look_for_proofs() == 0
    assert dns.asked == []


def test_the_pauses_grow_to_ten_minutes() -> None:
    seconds = [verification.pause_after(looks).total_seconds() for looks in (*range(1, 10), 500)]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_after_three_days_it_expires_and_is_left_alone(dns: Authority, let_pass: Pass) -> None:
    registration = registered()
    show_in_dns(dns, registration)
    let_pass(timedelta(hours=72))
    assert verification.look_for_proofs() == 0
    registration.refresh_from_db()
    assert (registration.status, registration.next_look_at) == ("expired", None)
    assert AuditEntry.objects.filter(event="registration.expired", subject_id="acme").count() == 1
    assert dns.asked == []


def test_one_bad_domain_holds_up_no_other(dns: Authority, let_pass: Pass) -> None:
    registered(tenant_id="lost", domain="lost.example")
    show_in_dns(dns, registered())
    let_pass(timedelta(seconds=5))
    assert verification.look_for_proofs() == 2
    assert list(Tenant.objects.filter(id__in=["acme", "lost"]).values_list("id", flat=True)) == ["acme"]
    assert Registration.objects.get(tenant_id="lost").last_problem == "The name does not exist in DNS."


def test_two_workers_look_once_each(dns: Authority, let_pass: Pass) -> None:
    for number in range(6):
        registered(tenant_id=f"acme-{number}", domain=f"acme{number}.example")
    let_pass(timedelta(seconds=5))
    barrier, counts = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        counts.append(verification.look_for_proofs())
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 6
    assert sorted(name for _, name in dns.asked) == [f"_cloudlicenses.acme{number}.example" for number in range(6)]


def test_a_worker_that_dies_while_looking_costs_one_pause(dns: Authority, let_pass: Pass) -> None:
    registration = registered()
    let_pass(timedelta(seconds=5))
    verification._claim_due(10)
    registration.refresh_from_db()
    assert registration.next_look_at
    assert timedelta(0) < registration.next_look_at - clock.now() <= timedelta(seconds=5)
    show_in_dns(dns, registration)
    let_pass(timedelta(seconds=5))
    verification.look_for_proofs()
    assert Tenant.objects.filter(id="acme").exists()
