"""The whole demo, loaded into a database: the agreed figures, something on every page, logs that read from old to new."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, chain, repeat

import pytest
from django.db import connection
from django.db.models import QuerySet

from alerts.models import Alert, Channel
from applications.models import Device, Fingerprint
from applications.signing import secrets
from audit.models import AuditEntry
from certificates import queries
from cloudlicenses.demo import cast, history, loading
from cloudlicenses.kit import clock, months
from keys.models import ApiKey
from licensing.models import Lease
from tenants.context import acting_for, inside, platform
from tenants.models import Registration

MERCEDES, VECTOR = cast.CUSTOMERS[0].id, cast.VENDORS[0].id


@pytest.fixture
def last_instant(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Of a month, which ends as soon as anybody has asked what time it is."""
    border = months.start_of(months.month_of(clock.now()))
    last = border - timedelta(microseconds=1)
    answers = chain([last], repeat(border))
    monkeypatch.setattr(clock, "now", lambda: next(answers))
    return last


@pytest.fixture
def demo(committed: None, last_instant: datetime) -> list[str]:
    said: list[str] = []
    loading.load(said.append)
    return said


def test_the_demo_shows_what_there_is(demo: list[str], last_instant: datetime) -> None:
    """One loading, which takes seconds, for all that is expected of it."""
    with platform():
        assert Registration.objects.filter(tenant_id=cast.WAITING.id, status=Registration.Status.PENDING).count() == 1
    _the_closed_month_says_what_was_agreed(last_instant)
    with inside(MERCEDES):
        _its_alerts_are_in_every_state()
        _its_certificates_are_in_every_state()
        _its_applications_and_devices_are_in_every_state()
        _its_log_reads_from_old_to_new()
        before = AuditEntry.objects.count()
    for customer in cast.CUSTOMERS:
        with inside(customer.id):
            _none_is_dated_back(AuditEntry.objects.all())
    with platform():
        for vendor_id in ("", *(seller.id for seller in cast.VENDORS)):
            _none_is_dated_back(AuditEntry.objects.filter(vendor_id=vendor_id))
    with acting_for(VECTOR):
        assert [bool(secret.retired_at) for secret in secrets.secrets_of("davinci-configurator-se")] == [False, True]
    loading.load(demo.append)
    with inside(MERCEDES):
        assert AuditEntry.objects.count() == before


def _the_closed_month_says_what_was_agreed(now: datetime) -> None:
    first = history.first_day_of_history(now, 1)
    until = history.first_day_of_history(now, 0)
    with platform(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*), sum(amount) FROM billing_usagerecord WHERE tenant_id = %s AND product_id = %s"
            " AND at >= %s AND at < %s AND kind <> 'commit' GROUP BY kind ORDER BY kind",
            [MERCEDES, "davinci-configurator-se", first, until],
        )
        assert cursor.fetchall() == [("commit_fee", 1, Decimal("5000.00")), ("overage", 44, Decimal("22000.00"))]


def _its_alerts_are_in_every_state() -> None:
    assert set(Alert.objects.values_list("status", flat=True)) == {"open", "acknowledged", "resolved"}
    assert set(Channel.objects.values_list("kind", "is_active")) == {("email", True), ("slack", False)}
    for alert in Alert.objects.all():
        assert alert.first_at <= alert.last_at <= clock.now()


def _its_certificates_are_in_every_state() -> None:
    states = [queries.state_of(certificate) for certificate in queries.certificates()]
    assert sorted(states) == ["expired", "revoked", "valid", "valid", "valid"]
    assert sorted(queries.authorities().values_list("is_ours", flat=True)) == [False, True]
    assert ApiKey.objects.filter(require_mtls=True).exists()


def _its_applications_and_devices_are_in_every_state() -> None:
    assert set(Fingerprint.objects.values_list("state", flat=True)) == {"learned", "known", "unknown", "blocked"}
    assert set(Device.objects.values_list("state", flat=True)) == {"pending", "active", "revoked"}
    held = Lease.objects.filter(ended_at=None)
    assert not ApiKey.objects.filter(id__in=held.values("key_id"), last_used_at=None).exists()


def _its_log_reads_from_old_to_new() -> None:
    times = list(AuditEntry.objects.order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 80


def _none_is_dated_back(entries: QuerySet[AuditEntry]) -> None:
    """As those who verify an export see it (docs/audit.md)."""
    times = list(entries.order_by("id").values_list("at", flat=True))
    assert times
    assert all(newest - at < timedelta(hours=1) for at, newest in zip(times, accumulate(times, max), strict=True))
