"""Filling an empty platform: through the product's own stories where there is one, and with history written as it would have been.

Only what began in the past is written directly (leases, ledger, denials): the stories know no other time than now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import connection, transaction

from accounts.models import Invitation, User
from applications.signing import secrets
from billing import ledger, rollup
from certificates.models import Certificate
from cloudlicenses.demo import alarming, cast, certifying, history, installing, past
from cloudlicenses.demo.history import Session
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from keys import issuing
from keys.models import ApiKey
from licensing.models import Denial, Lease, License
from tenants import registration, verification
from tenants.context import acting_for, inside
from tenants.models import Registration, SweepDue, Tenant
from vendors import issuing as deals
from vendors import onboarding, projection, terms
from vendors.models import IssuedLicense, Vendor

ACTOR = Actor(kind="system", id="demo", label="Demo data")


def load(say: Callable[[str], None]) -> None:
    """Everything, once: what is there already stays as it is, so that a run that was cut off goes on where it stopped.

    All of it is told from one instant: a month that ends meanwhile would be a closed one, without the agreed figures.
    """
    with past.at(clock.now()):
        _load(say)


def _load(say: Callable[[str], None]) -> None:
    for customer in cast.CUSTOMERS:
        if not Tenant.objects.filter(pk=customer.id, is_provisioned=True).exists():
            say(f"customer {customer.name}")
            _register(customer)
    for seller in cast.VENDORS:
        if not Vendor.objects.filter(pk=seller.id).exists():
            say(f"vendor {seller.name}")
            _create_vendor(seller)
    _let_in(cast.OPERATOR, "Operator", "operator")
    for deal in cast.DEALS:
        if not IssuedLicense.objects.filter(vendor_id=deal.vendor_id, crm_opportunity_id=deal.opportunity).exists():
            say(f"{deal.product_name} for {deal.customer_id}")
            _sell(deal)
    say("certificates, applications, devices, alerts")
    _guard(cast.CUSTOMERS[0])
    _sign(cast.VENDORS[0], cast.DEALS[0].product_id)
    if not Registration.objects.filter(tenant_id=cast.WAITING.id).exists():
        with past.at(clock.now() - timedelta(hours=3)):
            registration.register(_application(cast.WAITING), actor=ACTOR)
    say("closing past months")
    _close_past_months()
    say("showing vendors what was used")
    projection.project_due()


def _register(customer: cast.Customer) -> None:
    with past.at(clock.now() - timedelta(days=cast.REGISTERED_DAYS_AGO)):
        pending = registration.register(_application(customer), actor=ACTOR)
        verification.confirm(pending.pk, verified_by="demo", actor=ACTOR)
    with inside(customer.id):
        for email, name, role in ((customer.admin, "License Administrator", "owner"), *customer.people):
            _let_in(email, name, role)


def _application(customer: cast.Customer) -> registration.Application:
    return registration.Application(
        tenant_id=customer.id, company_name=customer.name, domain=customer.domain, country=customer.country,
        region="us-east" if customer.country == "US" else "eu-central", plan="enterprise", admin_email=customer.admin,
        admin_name="License Administrator",
    )  # fmt: skip


@transaction.atomic
def _create_vendor(seller: cast.Seller) -> None:
    with past.at(clock.now() - timedelta(days=cast.REGISTERED_DAYS_AGO)):
        onboarding.create_vendor(ACTOR, id=seller.id, name=seller.name, email=seller.email)
    _let_in(seller.email, "Sales", "vendor_owner")


def _let_in(email: str, name: str, role: str) -> None:
    """Somebody with the demo's password, invitation or not."""
    user = User.objects.filter(email=email).first() or User(email=email, created_at=clock.now())
    user.name, user.role = name, user.role or role
    user.set_password(cast.PASSWORD)
    user.save()
    Invitation.objects.filter(user=user).update(used_at=clock.now())


@transaction.atomic
def _sell(deal: cast.Deal) -> None:
    license_id = _generate(deal)
    now = clock.now()
    first_day = history.first_day_of_history(now, cast.MONTHS_OF_HISTORY)
    worked = [*history.sessions(deal, first_day, now), *history.at_work(deal, now)]
    with inside(deal.customer_id):
        with past.at(first_day):
            key = issuing.issue(ACTOR, owner=deal.customer_id, app_name=f"{deal.product_name} workstations").key
        _write(deal, license_id, key.id, worked)
        _hold(deal, license_id)


def _generate(deal: cast.Deal) -> str:
    customer = next(one for one in cast.CUSTOMERS if one.id == deal.customer_id)
    first_day = history.first_day_of_history(clock.now(), cast.MONTHS_OF_HISTORY)
    order = terms.Order(
        crm_opportunity_id=deal.opportunity,
        customer=terms.Customer(customer.crm_account_id, customer.name, customer.id, f"licenses@{customer.id}.example"),
        product=terms.Ware(deal.product_id, deal.product_name, deal.version, deal.features),
        entitlement=terms.Entitlement(deal.total, deal.commit, deal.overage, deal.fee, deal.price, "EUR"),
        contract=terms.Contract(first_day.date(), _a_year_later(first_day.date()), auto_renew=True),
        auto_provision=True,
    )
    with acting_for(deal.vendor_id), past.at(first_day):
        return deals.generate(ACTOR, deal.vendor_id, order).license.id


def _a_year_later(day: date) -> date:
    return day.replace(year=day.year + 1) - timedelta(days=1)


def _write(deal: cast.Deal, license_id: str, key_id: str, worked: list[Session]) -> None:
    """In the tenant's scope: leases and denials there, their lines in the ledger. What ends later than now is still held."""
    now = clock.now()
    given = [(ids.new_id("lease"), session) for session in worked if session.seat in {"commit", "overage"}]
    Lease.objects.bulk_create(
        [
            Lease(
                id=lease_id, license_id=license_id, lease_type=session.seat, cost=session.cost, currency="EUR", user=session.user,
                hostname=session.hostname, key_id=key_id, version="8.2.1", issued_at=session.start,
                ttl_seconds=900 if session.end <= now else history.WORKS_ON.seconds, expires_at=session.end,
                ended_at=session.end if session.end <= now else None, ended_by="returned" if session.end <= now else "",
            )
            for lease_id, session in given
        ],
        batch_size=1000,
    )  # fmt: skip
    Denial.objects.bulk_create(
        Denial(
            product_id=deal.product_id, license_id=license_id, code=session.seat, user=session.user, hostname=session.hostname,
            key_id=key_id, at=session.start,
        )
        for session in worked if session.seat not in {"commit", "overage"}
    )  # fmt: skip
    _bill(deal, license_id, given)
    this_month = clock.today().replace(day=1)
    spent = sum((session.cost for _, session in given if session.start.date() >= this_month), Decimal("0.00"))
    License.objects.filter(pk=license_id).update(spent=spent, spent_month=this_month)


def _bill(deal: cast.Deal, license_id: str, given: list[tuple[str, Session]]) -> None:
    rows = [
        (
            lease_id,
            session.start,
            session.seat,
            deal.customer_id,
            deal.vendor_id,
            license_id,
            deal.product_id,
            session.cost,
            "EUR",
        )
        for lease_id, session in given
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO public.billing_usagerecord"
            " (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def _hold(deal: cast.Deal, license_id: str) -> None:
    """The license counts the seats that are held as it would have with each checkout; when they lapse they are looked for."""
    held = Lease.objects.filter(license_id=license_id, ended_at=None)
    ApiKey.objects.filter(pk__in=held.values("key_id")).update(last_used_at=held.latest("issued_at").issued_at)
    overage = held.filter(lease_type="overage").count()
    License.objects.filter(pk=license_id).update(commit_in_use=held.count() - overage, overage_in_use=overage)
    SweepDue.objects.get_or_create(tenant_id=deal.customer_id, defaults={"due_at": clock.now() + history.WORKS_ON})


def _guard(customer: cast.Customer) -> None:
    """Once: a customer that has certificates keeps what it has."""
    person = Actor(kind="user", id=customer.admin, label=customer.admin, ip="10.20.0.5")
    with inside(customer.id):
        if not Certificate.objects.exists():
            past.play([
                *certifying.acts(customer.id, customer.name, person),
                *installing.acts(customer.id, person),
                *alarming.acts(customer.id, person),
            ])  # fmt: skip


def _sign(seller: cast.Seller, product_id: str) -> None:
    """A secret of a product was followed by another. Once."""
    person = Actor(kind="user", id=seller.email, label=seller.email)
    with acting_for(seller.id):
        if secrets.secrets_of(product_id).exists():
            return
        generate = partial(secrets.generate, person, seller.id, product_id)
        past.play([(88.2, generate), (33.1, generate)])
        former = secrets.secrets_of(product_id)[1]
        past.play([(9.3, partial(secrets.retire, person, seller.id, product_id, former.id))])


def _close_past_months() -> None:
    this_month = clock.today().replace(day=1)
    first = history.first_day_of_history(clock.now(), cast.MONTHS_OF_HISTORY)
    ledger.ensure_commit_fees(first.date(), this_month)
    month: datetime = first
    while month.date() < this_month:
        rollup.close_month(month.date(), actor=ACTOR)
        month = (month + timedelta(days=32)).replace(day=1)
