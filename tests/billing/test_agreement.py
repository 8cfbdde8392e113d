"""For any history, the ledger, the roll-up, the invoices, all three exports and the customer's costs say what the model says."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import ledger, rollup
from billing.exports import as_csv, as_json, as_pdf
from billing.exports.report import Report, report
from billing.models import Invoice, StatementLine
from billing.queries import tenant_costs
from cloudlicenses.kit import clock, jsonmoney, months
from tenants.context import acting_for, inside
from tests import builders, cast
from tests.billing import history
from tests.billing.model import Owed, Row, Sold
from vendors.models import IssuedLicense, Product

pytestmark = pytest.mark.django_db

FIRST_DAY = datetime(2025, 10, 1, tzinfo=UTC)
WARES = (cast.DAVINCI, cast.Ware("davinci-ide", cast.VECTOR.id, "DaVinci IDE"))
MONEY = st.decimals(0, 9_999_999, places=2, allow_nan=False)

LICENSES = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(("ACC-98765", "ACC-54321")),
        "ware": st.sampled_from(WARES),
        "currency": st.sampled_from(("EUR", "EUR", "USD")),
        "fee": MONEY,
        "price": MONEY,
        "commit_qty": st.integers(0, 3),
        "max_overage": st.integers(0, 4),
        "starts": st.dates(date(2025, 8, 1), date(2025, 11, 15)),
        "days": st.integers(20, 300),
    }
)
WHICH = st.sampled_from((0, 0, 0, 1, 1, 2))
ACTS = st.one_of(
    st.tuples(st.just("sell"), LICENSES),
    st.tuples(st.just("check_out"), st.tuples(WHICH, st.integers(1, 8))),
    st.tuples(st.just("check_out"), st.tuples(WHICH, st.integers(1, 8))),
    st.tuples(st.sampled_from(("give_back", "expire")), st.tuples(WHICH, st.integers(1, 8))),
    st.tuples(st.sampled_from(("suspend", "resume", "revoke")), WHICH),
    st.tuples(st.just("amend"), st.tuples(WHICH, MONEY, MONEY)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("close"), st.just(0)),
)


@settings(
    max_examples=30, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(first=LICENSES, acts=st.lists(ACTS, min_size=8, max_size=40))
def test_everything_agrees_with_the_model(first: dict[str, Any], acts: list[tuple[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        told = Telling(patch)
        for act, with_ in [("sell", first), *acts]:
            getattr(told, act)(with_)
        told.compare()
        transaction.set_rollback(True)


class Telling:
    """Does to the product and to the model what the history says."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self.owed, self.licenses = FIRST_DAY, Owed(), list[Sold]()
        patch.setattr(clock, "now", lambda: self.now)
        ware = WARES[1]
        Product.objects.create(id=ware.id, vendor_id=ware.vendor_id, name=ware.name, created_at=builders.LONG_AGO)
        self.accounts = {
            "ACC-98765": history.customer(),
            "ACC-54321": history.customer("ACC-54321", cast.BMW.company_name, tenant_id=cast.BMW.id),
        }

    @property
    def month(self) -> date:
        return months.month_of(self.now)

    def sell(self, terms: dict[str, Any]) -> None:
        account, ware = self.accounts[terms["customer"]], terms["ware"]
        sold = Sold(
            id=f"lic-{len(self.licenses)}", account=account.crm_account_id, tenant_id=account.tenant_id, product=ware.id,
            currency=terms["currency"], fee=terms["fee"], price=terms["price"], commit_qty=terms["commit_qty"],
            max_overage=terms["max_overage"], starts=terms["starts"], ends=terms["starts"] + timedelta(days=terms["days"]),
        )  # fmt: skip
        history.sold(
            sold.id, to=account, product=ware, currency=sold.currency, commit_fee_monthly=sold.fee, overage_per_use=sold.price,
            total_licenses=10, commit_qty=sold.commit_qty, max_overage=sold.max_overage, start_date=sold.starts,
            end_date=sold.ends, provisioned_at=self.now,
        )  # fmt: skip
        self.licenses.append(sold)
        ledger.ensure_commit_fees(self.month, self.month, license_id=sold.id)
        self.owed.month_begins(sold, self.month)

    def check_out(self, which_and_count: tuple[int, int]) -> None:
        which, count = which_and_count
        for _ in range(count):
            if (sold := self._license(which)) and (kind := sold.take_seat(self.now.date())):
                history.checkouts(IssuedLicense.objects.get(id=sold.id), 1, at=self.now, kind=kind)
                self.owed.checked_out(sold, self.month, kind)

    def amend(self, terms: tuple[int, Decimal, Decimal]) -> None:
        which, fee, price = terms
        if sold := self._license(which):
            sold.fee, sold.price = fee, price
            IssuedLicense.objects.filter(id=sold.id).update(commit_fee_monthly=fee, overage_per_use=price)

    def suspend(self, which: int) -> None:
        self._set(which, is_suspended=True)

    def resume(self, which: int) -> None:
        self._set(which, is_suspended=False)

    def revoke(self, which: int) -> None:
        self._set(which, is_revoked=True)

    def give_back(self, which_and_count: tuple[int, int]) -> None:
        which, count = which_and_count
        for _ in range(count):
            if sold := self._license(which):
                sold.give_seat_back()

    def expire(self, which_and_count: tuple[int, int]) -> None:
        """Leases that missed their heartbeats: the seats come back, what they cost stays."""
        self.give_back(which_and_count)

    def wait(self, days: int) -> None:
        """Day by day, as the scheduler sees them: on the first of a month its fees are written."""
        for _ in range(days):
            before, self.now = self.month, self.now + timedelta(days=1)
            if self.month != before:
                ledger.ensure_commit_fees(self.month, self.month)
                for sold in self.licenses:
                    self.owed.month_begins(sold, self.month)

    def close(self, _: int) -> None:
        rollup.close_month(self.month)

    def compare(self) -> None:
        self.wait(1)
        every = [FIRST_DAY.date()]
        while every[-1] < self.month:
            every.append(months.following(every[-1]))
        for month in every:
            rollup.close_month(month)
        self._compare_rollup(every)
        self._compare_invoices(every)
        with acting_for(cast.VECTOR.id):
            found = report(cast.VECTOR.id, every[0], months.last_day(every[-1]))
        self._compare_json(found)
        self._compare_csv(found)
        self._compare_pdf(found)
        self._compare_costs(every)

    def _compare_rollup(self, every: list[date]) -> None:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in StatementLine.objects.filter(month__in=every):
            assert line.amount == line.unit_price * line.quantity
            sums[line.kind] += line.amount
        assert sums["overage"] == sum(self.owed.overage.values())
        assert sums["commit_fee"] == sum(self.owed.fees.values())
        assert sums["commit"] == 0

    def _compare_invoices(self, every: list[date]) -> None:
        newest = {
            (invoice.crm_account_id, invoice.month, invoice.currency): invoice
            for invoice in Invoice.objects.filter(month__in=every).order_by("revision")
        }
        for account, _, month, currency in self.owed.rows:
            expected, invoice = self.owed.total(account, month, currency), newest.get((account, month, currency))
            assert (invoice.total if invoice else Decimal(0)) == expected
            if invoice:
                body = jsonmoney.loads(invoice.body)
                assert body["total"] == expected == sum(item["amount"] for item in body["line_items"])

    def _compare_json(self, found: Report) -> None:
        document = jsonmoney.loads(jsonmoney.dumps(as_json.document(found)))
        seen: dict[Row, tuple[int, Decimal, Decimal, Decimal]] = {}
        for customer in document["customers"]:
            for product in customer["products"]:
                month = months.parsed(product["billing_period"])
                assert month is not None
                row = (customer["crm_account_id"], product["product_id"], month, product["currency"])
                seen[row] = tuple(
                    product[name] for name in ("overage_checkouts", "overage_cost", "commit_fee", "total_billable")
                )  # type: ignore[assignment]
        assert seen == {row: self._expected(row) for row in self.owed.rows}
        for totals in document["totals_by_currency"]:
            rows = [row for row in self.owed.rows if row[3] == totals["currency"]]
            assert totals["total_billable"] == sum(self._expected(row)[3] for row in rows)

    def _compare_csv(self, found: Report) -> None:
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for line in _csv(as_csv.render(found)):
            sums[line["CRM_Account_ID"], line["Billing_Period"], line["Currency"]] += Decimal(line["Total_Cost"])
        for account, _, month, currency in self.owed.rows:
            assert sums[account, months.label(month), currency] == self.owed.total(account, month, currency)
        extended = _csv(as_csv.render(found, extended=True))
        assert len(extended) == len(self.owed.rows)
        assert sum(Decimal(line["Total_Billable"]) for line in extended) == sum(sums.values())

    def _compare_pdf(self, found: Report) -> None:
        pages = pypdf.PdfReader(io.BytesIO(as_pdf.render(found))).pages
        text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
        for row in self.owed.rows:
            checkouts, overage, fee, total = self._expected(row)
            assert f"{checkouts:,} {overage:,.2f} {fee:,.2f} {total:,.2f} {row[3]}" in text
        for currency in {row[3] for row in self.owed.rows}:
            total = sum((self._expected(row)[3] for row in self.owed.rows if row[3] == currency), Decimal(0))
            assert f"Total billable: {total:,.2f} {currency}" in text

    def _compare_costs(self, every: list[date]) -> None:
        """The customer's page, from its own side of the wall."""
        for account in self.accounts.values():
            for month in every:
                with inside(account.tenant_id):
                    rows = tenant_costs(account.tenant_id, month)
                assert {
                    (account.crm_account_id, row.product_id, month, row.figures.currency): row.figures.total
                    for row in rows
                } == {
                    row: self._expected(row)[3]
                    for row in self.owed.rows
                    if (row[0], row[2]) == (account.crm_account_id, month)
                }

    def _expected(self, row: Row) -> tuple[int, Decimal, Decimal, Decimal]:
        overage, fee = self.owed.overage[row], self.owed.fees[row]
        return self.owed.checkouts[row], overage, fee, overage + fee

    def _license(self, which: int) -> Sold | None:
        return self.licenses[which] if which < len(self.licenses) else None

    def _set(self, which: int, **state: bool) -> None:
        sold = self._license(which)
        if sold is None or sold.is_revoked:
            return
        for name, value in state.items():
            setattr(sold, name, value)
        status = "revoked" if sold.is_revoked else "suspended" if sold.is_suspended else "provisioned"
        IssuedLicense.objects.filter(id=sold.id).update(status=status, revoked_at=self.now if sold.is_revoked else None)


def _csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
