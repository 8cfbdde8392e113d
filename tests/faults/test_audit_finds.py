"""The audit after the torture can fail: each kind of violation, planted into right books by the database's owner, is found."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import httpx
import psycopg
import pytest
from psycopg import sql

from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders
from tests.licensing.workstations import RETURN, Workstation
from tests.servers import Server
from torture.auditing import Heard, violations_of
from torture.books import Told, books_of

Owner = psycopg.Connection[tuple[object, ...]]


class Day:
    """Five checkouts on a license of two commit seats and three overage ones, the first returned at once; one refused."""

    def __init__(self, server: Server) -> None:
        with inside("mercedes"):
            builders.granted(total_licenses=4, commit_qty=2, max_overage=2, overage_per_use=Decimal("500.00"))
            self.workstation = Workstation(server, builders.tenant_key())
        self.told = [self._check_out("operation-0", is_returned=True)]
        self.told += [self._check_out(f"operation-{number}") for number in range(1, 5)]
        assert self._ask("refused").status_code == 409

    @property
    def heard(self) -> Heard:
        return Heard(self.told, {"mercedes": 1})

    def of(self, kind: str) -> str:
        """A lease of this kind that has not ended."""
        return next(one.lease_id for one in self.told if one.lease_type == kind and not one.returned)

    def _check_out(self, operation: str, *, is_returned: bool = False) -> Told:
        lease = self._ask(operation).json()
        if is_returned:
            assert self.workstation.post(RETURN, {"lease_id": lease["lease_id"]}).status_code == 200
        facts = (lease["lease_id"], lease["license_id"], lease["lease_type"], str(lease["cost"]))
        return Told("mercedes", operation, *facts, returned=is_returned)

    def _ask(self, operation: str) -> httpx.Response:
        return self.workstation.check_out({"idempotency_key": operation}, metadata={"operation": operation})


@pytest.fixture
def day(server: Server) -> Day:
    return Day(server)


@pytest.fixture
def owner(committed: None) -> Iterator[Owner]:
    """Who may do what nobody else may: change books."""
    with owner_connection() as connection:
        path = sql.SQL("SET search_path = {}, public").format(sql.Identifier(roles.schema_of("mercedes")))
        connection.execute(path)
        connection.execute("SET session_replication_role = replica")
        yield connection


def kinds_found(day: Day) -> set[str]:
    return {violation.kind for violation in violations_of(books_of("mercedes"), day.heard)}


def test_right_books_are_found_right(day: Day) -> None:
    assert violations_of(books_of("mercedes"), day.heard) == []


PLANTED = {
    "a lease that was told of is gone": (
        "DELETE FROM licensing_lease WHERE id = {commit}",
        {"lost lease", "wrong counter", "stray ledger line", "audit log", "overage before commit"}),
    "a lease was made cheaper than its client was told": (
        "UPDATE licensing_lease SET cost = 1 WHERE id = {overage}", {"changed lease", "wrong spending"}),
    "a returned lease has its seat again": (
        "UPDATE licensing_lease SET ended_at = NULL, ended_by = '' WHERE id = {returned}",
        {"not ended", "wrong counter", "oversold seat", "audit log"}),
    "one operation has two leases": (
        """UPDATE licensing_lease SET metadata = '{{"operation": "operation-1"}}' WHERE id = {overage}""",
        {"doubled lease", "changed lease"}),
    "a seat was sold twice, as the leases tell it": (
        "UPDATE licensing_lease SET issued_at = issued_at - interval '1 hour', ended_at = clock_timestamp() WHERE id = {returned}",
        {"oversold seat", "wrong ledger line"}),
    "a seat was sold twice, as the audit log tells it": (
        "UPDATE audit_auditentry SET at = clock_timestamp() WHERE event = 'license.returned'", {"oversold seat"}),
    "overage began while a commit seat was free": (
        "UPDATE audit_auditentry SET at = at - interval '1 hour' WHERE event = 'license.checked_out' AND subject_id = {overage}",
        {"overage before commit"}),
    "the license counts a seat too many": ("UPDATE licensing_license SET overage_in_use = 3", {"wrong counter"}),
    "the license has forgotten what was spent": ("UPDATE licensing_license SET spent = 0", {"wrong spending"}),
    "a lease is on no bill": ("DELETE FROM billing_usagerecord WHERE entry = {overage}", {"no ledger line"}),
    "a lease is billed twice": (
        """INSERT INTO billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
           SELECT entry, at + interval '1 second', kind, tenant_id, vendor_id, license_id, product_id, amount, currency
           FROM billing_usagerecord WHERE entry = {overage}""", {"doubled ledger line"}),
    "a lease is billed at another price": (
        "UPDATE billing_usagerecord SET amount = 499 WHERE entry = {overage}", {"wrong ledger line"}),
    "a commit seat is billed as overage": (
        "UPDATE billing_usagerecord SET kind = 'overage' WHERE entry = {commit}", {"wrong ledger line"}),
    "something is billed that was no lease": (
        "UPDATE billing_usagerecord SET entry = 'lease-of-nobody' WHERE entry = {overage}",
        {"no ledger line", "stray ledger line"}),
    "a checkout is not in the audit log": (
        "DELETE FROM audit_auditentry WHERE event = 'license.checked_out' AND subject_id = {commit}",
        {"audit log", "overage before commit"}),
    "an end is in the audit log twice": (
        """INSERT INTO audit_auditentry (event, at, result, actor_kind, subject_kind, subject_id, code, actor_id, actor_label,
                                         vendor_id, key_id, hostname, fingerprint, user_agent, request_id)
           SELECT event, at, result, actor_kind, subject_kind, subject_id, '', '', '', '', '', '', '', '', ''
           FROM audit_auditentry WHERE event = 'license.returned'""", {"audit log", "overage before commit"}),
    "a lease ended before it began": (
        "UPDATE licensing_lease SET ended_at = issued_at - interval '1 second' WHERE id = {returned}", {"wrong order"}),
    "a denial was not kept": ("DELETE FROM licensing_denial", {"denials"}),
}  # fmt: skip


@pytest.mark.parametrize("story", PLANTED)
def test_what_is_planted_is_found(day: Day, owner: Owner, story: str) -> None:
    """All the kinds that are named, and no others: a question that is broken doesn't hide behind its neighbour."""
    statement, kinds = PLANTED[story]
    names = {"commit": day.of("commit"), "overage": day.of("overage"), "returned": day.told[0].lease_id}
    owner.execute(statement.format(**{name: f"'{lease_id}'" for name, lease_id in names.items()}))
    assert kinds_found(day) == kinds


def test_an_answer_that_two_clients_got_is_found(day: Day) -> None:
    day.told[2] = Told("mercedes", "another", *_facts(day.told[1]), returned=False)
    assert kinds_found(day) == {"shared lease", "changed lease", "untold lease"}


def _facts(told: Told) -> tuple[str, str, str, str]:
    return told.lease_id, told.license_id, told.lease_type, told.cost
