"""The report behind all three files. Figures are taken from the ledger here, once; the renderings only write them down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from billing.queries import Figures, VendorRow, totals_by_currency, vendor_rows
from billing.refusals import UnfitRange
from cloudlicenses.kit import clock, months
from cloudlicenses.kit.refusals import FieldError, Said, gettext_noop
from vendors.models import Vendor

LONGEST_RANGE_MONTHS = 36
YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Customer:
    """The rows of one CRM account, in order of month and product."""

    crm_account_id: str
    name: str
    tenant_id: str
    rows: tuple[VendorRow, ...]

    @property
    def totals(self) -> list[Figures]:
        return totals_by_currency(row.figures for row in self.rows)


@dataclass(frozen=True, slots=True)
class Report:
    vendor_id: str
    vendor_name: str
    start: date
    end: date
    customers: tuple[Customer, ...]

    @property
    def rows(self) -> Iterator[VendorRow]:
        return (row for customer in self.customers for row in customer.rows)

    @property
    def totals(self) -> list[Figures]:
        """A sum for each currency; empty when nothing happened."""
        return totals_by_currency(row.figures for row in self.rows)

    @property
    def file_stem(self) -> str:
        return f"overage-{self.vendor_id}-{self.start}-{self.end}"


def report(vendor_id: str, start: date, end: date, *, crm_account_id: str = "") -> Report:
    """What the vendor bills for these days, both included. In the vendor's scope."""
    rows = vendor_rows(vendor_id, start, end, crm_account_id=crm_account_id)
    return Report(
        vendor_id=vendor_id,
        vendor_name=Vendor.objects.get(id=vendor_id).name,
        start=start,
        end=end,
        customers=tuple(
            Customer(crm_id, name, tenant_id, tuple(group))
            for (crm_id, name, tenant_id), group in groupby(
                rows, key=lambda row: (row.crm_account_id, row.customer_name, row.tenant_id)
            )
        ),
    )


def commit_label(row: VendorRow) -> str:
    """How a commit fee is called where it has a line of its own; the invoice says it in the same words."""
    return f"{row.product_name} - Commit ({row.figures.commit_seats} licenses)"


def days_asked_for(start: date | None, end: date | None) -> tuple[date, date]:
    """The present month unless days are given; one day alone stands with the rest, or the beginning, of its month.

    Raises `UnfitRange`.
    """
    for name, day in (("start_date", start), ("end_date", end)):
        if day and day.year not in YEARS:
            raise UnfitRange(
                errors=[FieldError(name, "out_of_range", gettext_noop("There are no bills of that time."))]
            )
    month = months.month_of(start or end or clock.today())
    first, last = start or month, end or months.last_day(month)
    if first > last:
        raise UnfitRange(
            errors=[FieldError("end_date", "before_start", gettext_noop("Must not be before start_date."))]
        )
    if (last.year - first.year) * 12 + last.month - first.month >= LONGEST_RANGE_MONTHS:
        too_far = Said(gettext_noop("At most %(most)s months at a time."), most=LONGEST_RANGE_MONTHS)
        raise UnfitRange(errors=[FieldError("end_date", "too_far", too_far)])
    return first, last
