"""The seat rule in plain words: what licensing/sql/seats.sql must do, without a database, a lock or a batch.

Read it as the specification. A `World` is one tenant: its licenses, its leases, and the ledger. Every act happens at `now`, one
after the other. A lease is in use until it is returned, taken back or revoked, or its time is over; that a lapsed seat is swept up
later than it lapsed must make no difference to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cloudlicenses.kit import months
from licensing.grants import Terms
from licensing.versions import satisfies

# What a license may say to a request, from farthest from a seat to nearest. A request for a product goes to the nearest one.
NEARNESS = (
    "product_not_licensed", "license_expired", "license_not_started", "license_suspended", "version_not_licensed",
    "feature_not_licensed", "no_licenses_available", "max_overage_exceeded", "customer_cap_reached", "overage", "commit",
)  # fmt: skip
FULL = ("no_licenses_available", "max_overage_exceeded", "customer_cap_reached")
ENDED = {
    "returned": "lease_returned",
    "expired": "lease_expired",
    "taken_back": "lease_revoked",
    "revoked": "lease_revoked",
}


Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checkout:
    product_id: str
    user: str = "anna"
    ttl: int = 900
    version: str = ""
    features: tuple[str, ...] = ()
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    lease_id: str


@dataclass(frozen=True, slots=True)
class Return:
    lease_id: str


Call = Checkout | Heartbeat | Return


@dataclass
class Licensed:
    """A license in the tenant. Caps are the customer's own; None: none."""

    terms: Terms
    status: str = "active"
    cap_in_use: int | None = None
    cap_overage: int | None = None
    monthly_budget: Decimal | None = None


@dataclass
class Lease:
    """One granted checkout. `until` moves with heartbeats; `how` and `ended_at` say how it ended."""

    id: str
    of: Licensed
    kind: str
    price: Decimal
    ttl: timedelta
    since: datetime
    until: datetime
    how: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """In the ledger: what one granted checkout costs."""

    lease_id: str
    at: datetime
    license_id: str
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Denial:
    at: datetime
    code: str
    license_id: str
    available_at: datetime | None


@dataclass
class World:
    now: datetime
    licenses: dict[str, Licensed] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    ledger: list[Line] = field(default_factory=list)
    denials: list[Denial] = field(default_factory=list)
    kept: dict[str, tuple[Checkout, Answer]] = field(default_factory=dict)  # by idempotency key

    def answer(self, call: Call, fresh_id: str = "") -> Answer:
        """What the rule must answer; a lease that is granted gets `fresh_id`."""
        match call:
            case Checkout():
                return self.check_out(call, fresh_id)
            case Heartbeat(lease_id):
                return self.heartbeat(lease_id)
            case Return(lease_id):
                return self.end(lease_id, "returned")

    # A seat for one user.

    def check_out(self, wanted: Checkout, fresh_id: str) -> Answer:
        """At most once for an idempotency key: the same request gets the same answer, another one a conflict."""
        if wanted.idempotency_key not in self.kept:
            answer = self._decide(wanted, fresh_id)
            if wanted.idempotency_key:
                self.kept[wanted.idempotency_key] = wanted, answer
            return answer
        first, answer = self.kept[wanted.idempotency_key]
        if first != wanted:
            return {"refused": "idempotency_conflict"}
        return answer if "refused" in answer else {**answer, "replayed": True}

    def _decide(self, wanted: Checkout, fresh_id: str) -> Answer:
        """The first license with a commit seat, else the cheapest overage, else the refusal that comes nearest to a seat."""
        cheapest_first = sorted(self.licenses.values(), key=lambda one: (one.terms.overage_per_use, one.terms.id))
        offers = [
            (one, self.obstacle(one, wanted) or self.seat(one))
            for one in cheapest_first
            if one.terms.product_id == wanted.product_id
        ]
        if not offers:
            return self._deny("product_not_licensed", None)
        one, offer = max(offers, key=lambda offered: NEARNESS.index(offered[1]))  # the first of equals
        return self._grant(one, offer, wanted, fresh_id) if offer in ("commit", "overage") else self._deny(offer, one)

    def obstacle(self, one: Licensed, wanted: Checkout) -> str:
        """Why this license can't serve this request, seats aside; empty if it can."""
        terms = one.terms
        reasons = {
            "product_not_licensed": one.status == "revoked",
            "license_suspended": one.status == "suspended",
            "license_not_started": self.now < terms.starts_at,
            "license_expired": self.now >= terms.ends_at and not terms.auto_renew,
            "version_not_licensed": wanted.version != "" and not satisfies(wanted.version, terms.version_constraint),
            "feature_not_licensed": not set(wanted.features) <= set(terms.features),
        }
        return next((code for code, holds in reasons.items() if holds), "")

    def seat(self, one: Licensed) -> str:
        """`commit` or `overage`: which seat it gives now; or why none. The vendor's total, then the customer's caps."""
        terms, commits, overages = one.terms, self.in_use(one, "commit"), self.in_use(one, "overage")
        none_left = "max_overage_exceeded" if terms.max_overage else "no_licenses_available"
        if commits + overages >= terms.total_licenses:
            return none_left
        if one.cap_in_use is not None and commits + overages >= one.cap_in_use:
            return "customer_cap_reached"
        if commits < terms.commit_qty:
            return "commit"
        if overages >= terms.max_overage:
            return none_left
        if one.cap_overage is not None and overages >= one.cap_overage:
            return "customer_cap_reached"
        if one.monthly_budget is not None and self.spent(one) + terms.overage_per_use > one.monthly_budget:
            return "customer_cap_reached"
        return "overage"

    def _grant(self, one: Licensed, kind: str, wanted: Checkout, fresh_id: str) -> Answer:
        price = one.terms.overage_per_use if kind == "overage" else Decimal(0)
        ttl = timedelta(seconds=wanted.ttl)
        lease = Lease(fresh_id, one, kind, price, ttl, since=self.now, until=self._until(one, ttl))
        self.leases[lease.id] = lease
        self.ledger.append(Line(lease.id, self.now, one.terms.id, kind, price))
        return {
            "lease_id": lease.id, "license_id": one.terms.id, "lease_type": kind, "cost": price,
            "currency": one.terms.currency, "issued_at": lease.since, "expires_at": lease.until,
        }  # fmt: skip

    def _deny(self, code: str, one: Licensed | None) -> Answer:
        """With the instant at which a seat may be had again, as far as it is known."""
        available_at = None
        if code == "license_not_started":
            available_at = one.terms.starts_at
        elif code in FULL:
            available_at = min((lease.until for lease in self.leases_in_use(one)), default=None)
        license_id = one.terms.id if one else ""
        self.denials.append(Denial(self.now, code, license_id, available_at))
        facts = {"license_id": license_id or None, "available_at": available_at}
        return {"refused": code, **{name: fact for name, fact in facts.items() if fact is not None}}

    def _until(self, one: Licensed, ttl: timedelta) -> datetime:
        """No lease outlives its contract, unless that renews itself."""
        return self.now + ttl if one.terms.auto_renew else min(self.now + ttl, one.terms.ends_at)

    # What happens to a lease after that.

    def heartbeat(self, lease_id: str) -> Answer:
        """It lives for its time to live from now. A heartbeat never shortens a lease."""
        lease = self.leases.get(lease_id)
        if lease is None:
            return {"refused": "lease_not_found"}
        if how := self.fate(lease):
            return {"refused": ENDED[how]}
        lease.until = max(lease.until, self._until(lease.of, lease.ttl))
        return {
            "lease_id": lease.id, "license_id": lease.of.terms.id, "lease_type": lease.kind,
            "issued_at": lease.since, "renewed_at": self.now, "expires_at": lease.until,
        }  # fmt: skip

    def end(self, lease_id: str, how: str) -> Answer:
        """By its application (`returned`) or an administrator (`taken_back`). One that has ended stays as it is."""
        lease = self.leases.get(lease_id)
        if lease is None:
            return {"refused": "lease_not_found"}
        already = self.fate(lease) != ""
        if not already:
            lease.how, lease.ended_at = how, self.now
        return {
            "lease_id": lease.id, "license_id": lease.of.terms.id, "lease_type": lease.kind, "cost": lease.price,
            "currency": lease.of.terms.currency, "ended_by": self.fate(lease), "already": already,
            "duration": (self.end_of(lease) - lease.since) // timedelta(seconds=1),
        }  # fmt: skip

    def revoke(self, one: Licensed) -> None:
        """The license ends for good, and with it every lease of it."""
        for lease in self.leases_in_use(one):
            lease.how, lease.ended_at = "revoked", self.now
        one.status = "revoked"

    # What is so at this moment.

    def fate(self, lease: Lease) -> str:
        """How it ended; empty while it is in use."""
        return lease.how or ("expired" if lease.until <= self.now else "")

    def end_of(self, lease: Lease) -> datetime | None:
        return lease.ended_at or (lease.until if self.fate(lease) else None)

    def leases_in_use(self, one: Licensed) -> list[Lease]:
        return [lease for lease in self.leases.values() if lease.of is one and not self.fate(lease)]

    def in_use(self, one: Licensed, kind: str) -> int:
        return sum(lease.kind == kind for lease in self.leases_in_use(one))

    def spent(self, one: Licensed) -> Decimal:
        """On overage, in the calendar month (UTC) of this moment."""
        month: date = months.month_of(self.now)
        lines = [line for line in self.ledger if line.license_id == one.terms.id and months.month_of(line.at) == month]
        return sum((line.amount for line in lines), Decimal(0))
