"""What a vendor sells, as the caller said it, and the rules it has to keep. Forms and the API both build these and call `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from cloudlicenses.kit import money
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop
from tenants.names import fault_of_tenant_id

PRODUCT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
MOST_LICENSES = 1_000_000
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
BILLING_CYCLES = ("monthly",)


@dataclass(frozen=True, slots=True)
class Customer:
    crm_account_id: str
    name: str
    tenant_id: str
    contact_email: str = ""


@dataclass(frozen=True, slots=True)
class Ware:
    """`features` None: those of the catalogue."""

    id: str
    name: str = ""
    version: str = ""
    features: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    total_licenses: int
    commit_qty: int
    max_overage: int
    commit_fee_monthly: Decimal
    overage_per_use: Decimal
    currency: str
    allow_unused_seats: bool = False  # commit and overage together may be fewer than the total


@dataclass(frozen=True, slots=True)
class Contract:
    start_date: date
    end_date: date  # the last day
    auto_renew: bool = False
    billing_cycle: str = "monthly"


@dataclass(frozen=True, slots=True)
class Order:
    """A closed deal. `auto_provision` None: as the vendor has set it for all."""

    crm_opportunity_id: str
    customer: Customer
    product: Ware
    entitlement: Entitlement
    contract: Contract
    auto_provision: bool | None = None


def check(order: Order) -> None:
    """Raises `InvalidInput` that names every wrong field."""
    refuse(
        *_prefixed("customer", faults_of_customer(order.customer)),
        *_prefixed("product", faults_of_product(order.product)),
        *_prefixed("entitlement", faults_of_entitlement(order.entitlement)),
        *_prefixed("contract", faults_of_contract(order.contract)),
    )


def refuse(*faults: FieldError) -> None:
    """Raises `InvalidInput` if there are any."""
    if faults:
        raise InvalidInput(errors=faults)


def faults_of_customer(customer: Customer) -> Iterator[FieldError]:
    if fault := fault_of_tenant_id(customer.tenant_id):
        yield FieldError("tenant_id", "invalid", fault)


def faults_of_product(product: Ware) -> Iterator[FieldError]:
    if not PRODUCT_ID.fullmatch(product.id):
        yield FieldError("id", "invalid", gettext_noop("1 to 100 letters, digits, dots, hyphens and underscores."))
    if fault := fault_of_version(product.version):
        yield FieldError("version", "invalid", fault)


def fault_of_version(text: str) -> str:
    """What keeps this from being a version constraint; empty if nothing does. Empty text allows every version."""
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return gettext_noop("Must be version specifiers, such as >=8.0.0 or >=8,<9.")
    return ""


def faults_of_entitlement(entitlement: Entitlement) -> Iterator[FieldError]:
    """Quantities that fit into each other, prices that can be kept, a currency that is one."""
    total, commit, overage = entitlement.total_licenses, entitlement.commit_qty, entitlement.max_overage
    for name, number, least in (("total_licenses", total, 1), ("commit_qty", commit, 0), ("max_overage", overage, 0)):
        if not least <= number <= MOST_LICENSES:
            yield FieldError(
                name,
                "invalid",
                Said(gettext_noop("A number from %(least)s to %(most)s."), least=least, most=MOST_LICENSES),
            )
    if commit > total:
        yield FieldError("commit_qty", "too_many", Said(gettext_noop("No more than total_licenses."), total=total))
    elif commit + overage > total:
        yield FieldError(
            "max_overage", "too_many",
            Said(gettext_noop("commit_qty and max_overage together are more than total_licenses."), most=total - commit),
        )  # fmt: skip
    elif commit + overage < total and not entitlement.allow_unused_seats:
        yield FieldError(
            "max_overage", "unused_seats",
            Said(gettext_noop("commit_qty and max_overage leave %(unused)s of total_licenses unused. "
                              "If that is meant, set allow_unused_seats to true."), unused=total - commit - overage),
        )  # fmt: skip
    yield from _prefixed("pricing", _faults_of_pricing(entitlement))


def faults_of_contract(contract: Contract) -> Iterator[FieldError]:
    for name, day in (("start_date", contract.start_date), ("end_date", contract.end_date)):
        if not EARLIEST <= day <= LATEST:
            yield FieldError(
                name, "invalid", Said(gettext_noop("A day from %(first)s to %(last)s."), first=EARLIEST, last=LATEST)
            )
    if contract.end_date < contract.start_date:
        message = Said(gettext_noop("Must not be before start_date."), start=contract.start_date)
        yield FieldError("end_date", "before_start", message)
    if contract.billing_cycle not in BILLING_CYCLES:
        one_of = Said(gettext_noop("Must be one of %(choices)s."), choices=", ".join(BILLING_CYCLES))
        yield FieldError("billing_cycle", "invalid", one_of)


def _faults_of_pricing(entitlement: Entitlement) -> Iterator[FieldError]:
    for name in ("commit_fee_monthly", "overage_per_use"):
        amount: Decimal = getattr(entitlement, name)
        if not 0 <= amount <= money.LARGEST or amount != money.rounded(amount):
            yield FieldError(
                name,
                "invalid",
                Said(gettext_noop("An amount from 0.00 to %(most)s with at most two decimals."), most=money.LARGEST),
            )
    if entitlement.currency not in money.CURRENCIES:
        yield FieldError("currency", "invalid", gettext_noop("An ISO 4217 code we can bill in, such as EUR or USD."))


def _prefixed(path: str, faults: Iterator[FieldError]) -> Iterator[FieldError]:
    return (FieldError(f"{path}.{fault.field}", fault.code, fault.message) for fault in faults)
