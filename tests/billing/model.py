"""A second opinion on what is owed: plain Python over what happened, that knows nothing of SQL, ledgers or roll-ups."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Row = tuple[str, str, date, str]  # CRM account, product, month, currency


@dataclass
class Sold:
    """A license and its seats."""

    id: str
    account: str
    tenant_id: str
    product: str
    currency: str
    fee: Decimal
    price: Decimal
    commit_qty: int
    max_overage: int
    starts: date
    ends: date
    is_suspended: bool = False
    is_revoked: bool = False
    commit_in_use: int = 0
    overage_in_use: int = 0

    def overlaps(self, month: date) -> bool:
        return self.ends >= month and (self.starts.year, self.starts.month) <= (month.year, month.month)

    def take_seat(self, today: date) -> str:
        """`commit`, `overage`, or nothing when the checkout is refused."""
        if self.is_suspended or self.is_revoked or not self.starts <= today <= self.ends:
            return ""
        if self.commit_in_use < self.commit_qty:
            self.commit_in_use += 1
            return "commit"
        if self.overage_in_use < self.max_overage:
            self.overage_in_use += 1
            return "overage"
        return ""

    def give_seat_back(self) -> None:
        if self.overage_in_use:
            self.overage_in_use -= 1
        elif self.commit_in_use:
            self.commit_in_use -= 1


@dataclass
class Owed:
    """What the bills must say, by customer, product, month and currency."""

    checkouts: Counter[Row] = field(default_factory=Counter)
    overage: defaultdict[Row, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    fees: defaultdict[Row, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    charged: set[tuple[str, date]] = field(default_factory=set)
    rows: set[Row] = field(default_factory=set)

    def checked_out(self, license: Sold, month: date, kind: str) -> None:
        row = self._row(license, month)
        if kind == "overage":
            self.checkouts[row] += 1
            self.overage[row] += license.price

    def month_begins(self, license: Sold, month: date) -> None:
        if license.is_revoked or not license.overlaps(month) or (license.id, month) in self.charged:
            return
        self.charged.add((license.id, month))
        self.fees[self._row(license, month)] += license.fee

    def total(self, account: str, month: date, currency: str) -> Decimal:
        return sum(
            (
                self.overage[row] + self.fees[row]
                for row in self.rows
                if (row[0], row[2], row[3]) == (account, month, currency)
            ),
            Decimal(0),
        )

    def _row(self, license: Sold, month: date) -> Row:
        row = (license.account, license.product, month, license.currency)
        self.rows.add(row)
        return row
