"""The report behind all three files. Figures are taken from the ledger here, once; the renderings only write them down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from billing.queries import Figures, VendorRow, totals_by_currency, vendor_rows
from billing.refusals import UnfitRange
from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import FieldError
from vendors.models import Vendor

LONGEST_RANGE_MONTHS = 36
LEDGER_YEARS = (2000, 2100)


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
    """What the vendor bills for these days, both included. In the vendor's scope. Raises `UnfitRange`."""
    _refuse_unfit(start, end)
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


def _refuse_unfit(start: date, end: date) -> None:
    for name, day in (("start_date", start), ("end_date", end)):
        if not LEDGER_YEARS[0] <= day.year <= LEDGER_YEARS[1]:
            raise UnfitRange(errors=[FieldError(name, "out_of_range", "There are no bills of that time.")])
    if start > end:
        raise UnfitRange(errors=[FieldError("end_date", "before_start", "Must not be before start_date.")])
    if (end.year - start.year) * 12 + end.month - start.month >= LONGEST_RANGE_MONTHS:
        raise UnfitRange(
            errors=[FieldError("end_date", "too_far", f"At most {LONGEST_RANGE_MONTHS} months at a time.")]
        )


def whole_month(day: date) -> tuple[date, date]:
    """First and last day of a day's month: the range when none is asked for."""
    month = months.month_of(day)
    return month, months.last_day(month)
