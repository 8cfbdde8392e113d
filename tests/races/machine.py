"""Any day at one customer, against the model: what applications, the vendor, the customer and the calendar may do, in any order.

After every step the answers and the books must be those of the model (tests/races/model.py), and the books right by themselves.
A step of calls is a list that is answered as if one came after the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import InvalidInput
from licensing import caps, grants, versions
from tenants.context import inside
from tests import builders, cast
from tests.races import asking, books, selling
from tests.races.clocks import MICROSECOND, Clock
from tests.races.model import Call, Checkout, Heartbeat, Lease, Licensed, Return, World

MOST_LICENSES = 3
FEATURES = ("edit", "generate")
VERSIONS = ("", "7.9", "8.1")
CONSTRAINTS = ("", ">=8")
PRICES = (Decimal("0.00"), Decimal("12.50"), Decimal("500.00"))
EARLY = st.sampled_from((timedelta(0), timedelta(microseconds=100), timedelta(seconds=30)))  # no step takes as long
BUDGETS = (Decimal("0.00"), Decimal("20.00"), Decimal("25.00"), Decimal("1000.00"))
SPANS = tuple(timedelta(seconds=seconds) for seconds in (1, 59, 300, 86_400, 2_000_000))

SEATS = st.integers(0, 4)
QUANTITIES = st.fixed_dictionaries({"total_licenses": st.integers(1, 5), "commit_qty": SEATS, "max_overage": SEATS})
LIMITS = st.fixed_dictionaries({"max_in_use": st.none() | SEATS, "max_overage": st.none() | SEATS})
WHICH = st.integers(0, 11)  # an earlier lease, counted from the latest; or none
SOON = st.sampled_from((0, 0, 0, 3))
TERMS = st.fixed_dictionaries(
    {
        "overage_per_use": st.sampled_from(PRICES),
        "features": st.sampled_from((list(FEATURES), list(FEATURES[:1]), [])),
        "version_constraint": st.sampled_from(CONSTRAINTS),
        "auto_renew": st.booleans(),
    }
)
CHECKOUT = st.builds(
    Checkout,
    product_id=st.sampled_from((cast.DAVINCI.id, cast.DAVINCI.id, cast.DAVINCI.id, cast.MULTI.id)),
    ttl=st.sampled_from((60, 60, 900, 864_000)),
    version=st.sampled_from(("", *VERSIONS)),
    features=st.sampled_from(((), (), FEATURES[:1], FEATURES)),
    idempotency_key=st.sampled_from(("", "", "", "once", "twice")),
)
PLAIN = st.builds(Checkout, product_id=st.just(cast.DAVINCI.id), ttl=st.sampled_from((60, 900)))
CALL = st.one_of(PLAIN, CHECKOUT, st.tuples(st.just(Heartbeat), WHICH), st.tuples(st.just(Return), WHICH))
CALLS = st.lists(CALL, min_size=1, max_size=8)


class Day(RuleBasedStateMachine):
    """One transaction from beginning to end, undone at the end; the clock is ours."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        clock.set(clock.start)
        for version in VERSIONS[1:]:
            versions.judge(version, CONSTRAINTS)  # as in a process that has seen them all: one question a call
        self.world = World(now=clock.start)
        self.earlier: list[Checkout] = []
        self.day = transaction.atomic()
        self.day.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.day.__exit__(None, None, None)

    # What applications do.

    @rule(drawn=CALLS)
    def call(self, drawn: list[Checkout | tuple[type[Heartbeat | Return], int]]) -> None:
        calls = [one if isinstance(one, Checkout) else one[0](self._lease_id(one[1])) for one in drawn]
        self._call(asking.in_order(calls))

    @rule(wanted=PLAIN, times=st.integers(1, 6))
    def all_come_to_work(self, wanted: Checkout, times: int) -> None:
        self._call([wanted] * times)

    @precondition(lambda self: self.earlier)
    @rule(which=st.integers(0, 5), times=st.integers(1, 3))
    def repeat(self, which: int, times: int) -> None:
        """The network swallowed the answer."""
        self._call([self.earlier[which % len(self.earlier)]] * times)

    @precondition(lambda self: self.world.leases)
    @rule()
    def all_are_kept_alive(self) -> None:
        self._call([Heartbeat(lease_id) for lease_id in self.world.leases])

    def _call(self, calls: list[Call]) -> None:
        answers = asking.together(calls)
        began, done = self.world.now, Counter[type]()
        for call, answer in zip(calls, answers, strict=True):
            if not isinstance(call, Heartbeat):  # of the others each has an instant of its own
                self.world.now = began + done[type(call)] * MICROSECOND
            done[type(call)] += 1
            before = {one.terms.id: self._held(one) for one in self.world.licenses.values()}
            expected = self.world.answer(call, answer.get("lease_id", ""))
            assert answer == expected, f"{call}: the rule says {answer}, the model {expected}"
            if "issued_at" in answer and isinstance(call, Checkout) and "replayed" not in answer:
                self._check_grant(self.world.leases[answer["lease_id"]], *before[answer["license_id"]])
        self.earlier += [call for call in calls if isinstance(call, Checkout) and call.idempotency_key]
        self._wait_until(began + len(calls) * MICROSECOND)

    def _check_grant(self, lease: Lease, commits: int, overages: int) -> None:
        """The promises themselves, in other words than the model's: `commits` and `overages` were in use before."""
        one, terms = lease.of, lease.of.terms
        assert one.status == "active"
        assert commits + overages < terms.total_licenses
        assert one.cap_in_use is None or commits + overages < one.cap_in_use
        if lease.kind == "commit":
            assert commits < terms.commit_qty
        else:
            assert commits >= terms.commit_qty
            assert overages < terms.max_overage
            assert one.cap_overage is None or overages < one.cap_overage
            assert one.monthly_budget is None or self.world.spent(one) <= one.monthly_budget

    # What the customer does.

    @precondition(lambda self: self.world.leases)
    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        lease_id = self._lease_id(which)
        assert asking.take_back(lease_id) == self.world.end(lease_id, "taken_back")

    @rule(which=WHICH, limits=LIMITS)
    def cap(self, which: int, limits: dict[str, int | None]) -> None:
        """Below the contract, as far as there is one."""
        one = self._license(which)
        sold = {"max_in_use": one.terms.total_licenses, "max_overage": one.terms.max_overage}
        below = {name: None if limit is None else min(limit, sold[name]) for name, limit in limits.items()}
        self._set_caps(one, below)
        one.cap_in_use, one.cap_overage = below["max_in_use"], below["max_overage"]

    @rule(which=WHICH)
    def cap_above_the_contract(self, which: int) -> None:
        one = self._license(which)
        with pytest.raises(InvalidInput):
            self._set_caps(one, {"max_in_use": one.terms.total_licenses + 1})

    @rule(which=WHICH, budget=st.none() | st.sampled_from(BUDGETS))
    def set_budget(self, which: int, budget: Decimal | None) -> None:
        one = self._license(which)
        self._set_caps(one, {"monthly_budget": budget})
        one.monthly_budget = budget

    def _set_caps(self, one: Licensed, limits: dict[str, caps.Cap]) -> None:
        with inside(asking.TENANT):
            caps.set_caps(builders.actor(), one.terms.id, limits)

    # What the vendor does.

    @initialize(quantities=QUANTITIES)
    def a_license_is_there(self, quantities: dict[str, int]) -> None:
        self._provision(cast.DAVINCI, **quantities)

    @precondition(lambda self: len(self.world.licenses) < MOST_LICENSES)
    @rule(ware=st.sampled_from((cast.DAVINCI, cast.DAVINCI, cast.MULTI)), quantities=QUANTITIES, terms=TERMS, days=SOON)
    def sell(self, ware: cast.Ware, quantities: dict[str, int], terms: dict[str, Any], days: int) -> None:
        begin = self.world.now + timedelta(days=days)
        self._provision(ware, **quantities, **terms, starts_at=begin, ends_at=begin + timedelta(days=20))

    @rule(which=WHICH, quantities=QUANTITIES, price=st.sampled_from(PRICES))
    def amend(self, which: int, quantities: dict[str, int], price: Decimal) -> None:
        """More or fewer seats, even fewer than are in use."""
        self._amend(self._license(which), **quantities, overage_per_use=price)

    @rule(which=WHICH, days=st.integers(1, 40), auto_renew=st.booleans())
    def prolong_or_shorten(self, which: int, days: int, auto_renew: bool) -> None:
        one = self._license(which)
        self._amend(one, ends_at=self.world.now + timedelta(days=days), auto_renew=auto_renew)

    @rule(which=WHICH)
    def send_an_older_revision(self, which: int) -> None:
        """Terms that came late change nothing."""
        one = self._license(which)
        selling.tell(grants.amend, replace(one.terms, total_licenses=99, revision=one.terms.revision))

    @rule(which=WHICH)
    def suspend_or_resume(self, which: int) -> None:
        one = self._license(which)
        if one.status == "active":
            self._next(grants.suspend, one)
            one.status = "suspended"
        elif one.status == "suspended":
            self._next(grants.resume, one)
            one.status = "active"

    @precondition(lambda self: len(self.world.licenses) > 1)
    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        one = self._license(which)
        if one.status != "revoked":
            self._next(grants.revoke, one)
            self.world.revoke(one)

    # What the calendar and our own jobs do.

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self._wait_until(self.world.now + span)

    @precondition(lambda self: any(not self.world.fate(lease) for lease in self.world.leases.values()))
    @rule(early=EARLY)
    def the_next_lease_lapses(self, early: timedelta) -> None:
        """To the instant at which it is over, or shortly before."""
        ends = [lease.until for lease in self.world.leases.values() if not self.world.fate(lease)]
        self._wait_until(min(ends) - early)

    @rule(early=EARLY)
    def the_month_ends(self, early: timedelta) -> None:
        following = months.start_of(months.following(months.month_of(self.world.now)))
        self._wait_until(following - early)

    @rule(which=WHICH, early=EARLY)
    def a_contract_begins_or_ends(self, which: int, early: timedelta) -> None:
        terms = self._license(which).terms
        edge = terms.starts_at if self.world.now < terms.starts_at else terms.ends_at
        self._wait_until(edge - early)

    @rule()
    def sweep(self) -> None:
        lapsed = books.read(self.clock.start).lapsed()
        in_use = [lease.until for lease in self.world.leases.values() if not self.world.fate(lease)]
        assert asking.sweep() == {"came_back": len(lapsed), "next_at": min(in_use, default=None)}
        assert books.read(self.clock.start).lapsed() == []

    # What must hold after each step.

    @invariant()
    def the_books_are_right(self) -> None:
        found = books.read(self.clock.start)
        assert found.faults() == []
        assert found.denials == self.world.denials
        assert sorted(found.ledger, key=repr) == sorted(self.world.ledger, key=repr)
        assert {one.id: one.status for one in found.licenses} == {
            id: one.status for id, one in self.world.licenses.items()
        }
        assert {one.id: self._fate_of_row(one) for one in found.leases} == {
            id: (self.world.fate(one), self.world.end_of(one), one.until) for id, one in self.world.leases.items()
        }

    def _fate_of_row(self, row: Any) -> tuple[str, datetime | None, datetime]:
        if row.ended_at is None and row.expires_at <= self.world.now:
            return "expired", row.expires_at, row.expires_at
        return row.ended_by, row.ended_at, row.expires_at

    # Steps.

    def _license(self, which: int) -> Licensed:
        return list(self.world.licenses.values())[which % len(self.world.licenses)]

    def _lease_id(self, which: int) -> str:
        known = list(self.world.leases)
        return known[-1 - which] if which < len(known) else "lease-of-nobody"

    def _held(self, one: Licensed) -> tuple[int, int]:
        return self.world.in_use(one, "commit"), self.world.in_use(one, "overage")

    def _wait_until(self, moment: datetime) -> None:
        if moment > self.world.now:
            self.world.now = moment
            self.clock.set(moment)

    def _provision(self, ware: cast.Ware, **changes: Any) -> None:
        number = len(self.world.licenses) + 1
        usual = {
            "starts_at": self.world.now,
            "ends_at": self.world.now + timedelta(days=365),
            "features": list(FEATURES),
        }
        terms = selling.terms_of(f"lic-{number}", ware, **usual | changes)
        selling.tell(grants.provision, terms)
        self.world.licenses[terms.id] = Licensed(terms)

    def _amend(self, one: Licensed, **changes: Any) -> None:
        one.terms = replace(one.terms, **changes)
        self._next(grants.amend, one)

    def _next(self, change: Any, one: Licensed) -> None:
        one.terms = replace(one.terms, revision=one.terms.revision + 1)
        selling.tell(change, one.terms)
