"""How contracts go on, and end."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from licensing.models import License
from tenants.context import inside
from tests.vendors.breaking import without_table
from tests.vendors.crm import TO_BMW, Crm
from vendors import contracts, renewing
from vendors.models import IssuedLicense


@pytest.mark.parametrize(
    ("start", "first_end", "day", "end"),
    [
        ("2025-01-01", "2025-12-31", "2025-06-01", "2025-12-31"),
        ("2025-01-01", "2025-12-31", "2025-12-31", "2025-12-31"),
        ("2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31"),
        ("2025-01-01", "2025-12-31", "2030-06-01", "2030-12-31"),
        ("2025-01-31", "2025-02-27", "2025-03-01", "2025-03-30"),  # a month from the 31st: no drift
        ("2025-01-31", "2025-02-27", "2025-05-01", "2025-05-30"),
        ("2024-02-29", "2025-02-27", "2025-06-01", "2026-02-27"),
        ("2024-02-29", "2025-02-27", "2027-06-01", "2028-02-28"),
        ("2025-04-10", "2025-04-16", "2025-05-01", "2025-05-07"),  # weeks stay weeks
        ("2025-04-10", "2025-04-10", "2025-05-01", "2025-05-01"),
    ],
)
def test_a_contract_goes_on_by_its_own_length(start: str, first_end: str, day: str, end: str) -> None:
    days = (date.fromisoformat(text) for text in (start, first_end, day))
    assert contracts.end_covering(*days) == date.fromisoformat(end)


DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 2000), st.integers(0, 10_000))
def test_terms_cover_every_day_and_follow_each_other(start: date, length: int, later: int) -> None:
    first_end = start + length * contracts.DAY
    day = first_end + later * contracts.DAY
    end = contracts.end_covering(start, first_end, day)
    assert end >= day
    following = contracts.next_end(start, first_end, end)
    assert following > end
    assert contracts.end_covering(start, first_end, end + contracts.DAY) == following


def on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(f"{day}T00:17:00+00:00"))


def test_the_first_night_of_a_new_year_begins_the_next_term(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2025-12-31")
    license_id = vector.sold()
    assert renewing.renew_what_is_over() == 0
    on(monkeypatch, "2026-01-01")
    assert renewing.renew_what_is_over() == 1
    assert renewing.renew_what_is_over() == 0
    license = IssuedLicense.objects.get()
    assert (license.end_date, license.revision, license.status) == (date(2026, 12, 31), 2, "provisioned")
    with inside("mercedes"):
        assert clock.rfc3339(License.objects.get().ends_at) == "2027-01-01T00:00:00Z"
    entry = AuditEntry.objects.get(event="license.renewed")
    assert (entry.actor_kind, entry.subject_id) == ("system", license_id)
    assert (entry.facts["before"], entry.facts["after"]) == ("2025-12-31", "2026-12-31")


def test_a_contract_without_renewal_expires_and_can_be_renewed_by_hand(
    vector: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "2025-12-31")
    license_id = vector.sold(contract__auto_renew=False)
    on(monkeypatch, "2026-01-01")
    assert renewing.renew_what_is_over() == 1
    assert vector.ask("GET", f"/api/v1/licenses/{license_id}").json()["status"] == "expired"
    assert renewing.renew_what_is_over() == 0
    renewed = vector.change(license_id, "renew").json()
    assert (renewed["status"], renewed["contract"]["end_date"]) == ("provisioned", "2026-12-31")


def test_switching_renewal_on_revives_an_expired_contract(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2025-12-31")
    license_id = vector.sold(contract__auto_renew=False)
    on(monkeypatch, "2026-02-01")
    renewing.renew_what_is_over()
    amended = vector.amend(license_id, contract={"auto_renew": True}).json()
    assert (amended["status"], amended["contract"]["end_date"]) == ("provisioned", "2026-12-31")


def test_one_that_cannot_go_on_holds_up_no_other(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "AT_ONCE", 2)
    vector = Crm()
    on(monkeypatch, "2025-12-31")
    broken = vector.sold(crm_opportunity_id="SF-0", **TO_BMW)
    for number in range(1, 5):
        vector.sold(crm_opportunity_id=f"SF-{number}")
    on(monkeypatch, "2026-01-01")
    with without_table("bmw", "licensing_license"):
        assert renewing.renew_what_is_over() == 5
    ends = IssuedLicense.objects.exclude(id=broken).values_list("end_date", flat=True)
    assert list(ends) == [date(2026, 12, 31)] * 4
    assert IssuedLicense.objects.get(id=broken).end_date == date(2025, 12, 31)
    assert renewing.renew_what_is_over() == 1
    assert IssuedLicense.objects.get(id=broken).end_date == date(2026, 12, 31)


def test_a_revoked_contract_stays_over(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2025-12-31")
    vector.change(vector.sold(), "revoke")
    on(monkeypatch, "2026-01-01")
    assert renewing.renew_what_is_over() == 0
    assert IssuedLicense.objects.get().end_date == date(2025, 12, 31)


def test_a_suspended_contract_goes_on_and_stays_suspended(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2025-12-31")
    vector.change(vector.sold(), "suspend")
    on(monkeypatch, "2026-01-01")
    assert renewing.renew_what_is_over() == 1
    assert (IssuedLicense.objects.get().end_date, IssuedLicense.objects.get().status) == (
        date(2026, 12, 31),
        "suspended",
    )
    with inside("mercedes"):
        assert License.objects.get().status == "suspended"


def test_one_by_hand_counts_from_the_first_term(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2025-06-01")
    license_id = vector.sold()
    vector.amend(license_id, contract={"end_date": "2026-03-31"})
    assert vector.change(license_id, "renew").json()["contract"]["end_date"] == "2026-12-31"
