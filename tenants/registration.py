"""A company asks for a tenant. All that comes of it is a pending registration with a token to be shown in the company's DNS.

Anybody may ask in anybody's name, so a registration proves nothing and reserves little: the same (tenant id, domain) may be asked
for again, by the company itself or by a stranger, and whichever registration's own token appears in the DNS is the one that
counts; the others are closed then. Saying exactly the same again returns the same registration. One that expires frees its names.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import QuerySet

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, gettext_noop
from tenants.models import Registration, Tenant
from tenants.names import canonical_domain, fault_of_tenant_id
from tenants.plans import COUNTRIES, PLANS, REGIONS
from tenants.refusals import DomainTaken, TenantTaken

PROVED_WITHIN = timedelta(hours=72)
FIRST_LOOK_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Application:
    """What a company says of itself; the fields that may be left out are empty then."""

    tenant_id: str
    company_name: str
    domain: str
    region: str
    plan: str
    admin_email: str
    admin_name: str = ""
    country: str = ""
    tax_id: str = ""


@transaction.atomic
def register(application: Application, *, actor: Actor) -> Registration:
    """The pending registration, new or as it was; nothing else is made.

    Raises `InvalidInput` with every field that is wrong, `TenantTaken`, `DomainTaken`.
    """
    wanted = _checked(application)
    lock_names(wanted.tenant_id, wanted.domain)
    _refuse_taken_names(wanted)
    return _as_before(wanted) or _new(wanted, actor)


def lock_names(tenant_id: str, domain: str) -> None:
    """Until the transaction ends, nobody else decides about these names."""
    with connection.cursor() as cursor:
        for name in sorted((f"domain {domain}", f"tenant {tenant_id}")):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def open_registrations() -> QuerySet[Registration]:
    """Those that may still be proved."""
    return Registration.objects.filter(status=Registration.Status.PENDING, expires_at__gt=clock.now())


def _checked(application: Application) -> Application:
    errors = [
        FieldError(field, "invalid", fault)
        for field, fault in (
            ("tenant.id", fault_of_tenant_id(application.tenant_id)),
            ("tenant.region", _fault_unless_one_of(application.region, REGIONS)),
            ("tenant.plan", _fault_unless_one_of(application.plan, PLANS)),
            ("company.country", _fault_of_country(application.country)),
            ("company.domain", _fault_of_domain(application.domain)),
            ("admin.email", _fault_of_email(application.admin_email)),
        )
        if fault
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return replace(
        application,
        domain=canonical_domain(application.domain),
        country=application.country,
        admin_email=application.admin_email.lower(),
    )


def _fault_unless_one_of(value: str, known: Mapping[str, object]) -> str:
    return "" if value in known else f"Must be one of {', '.join(known)}."


def _fault_of_country(value: str) -> str:
    return (
        ""
        if not value or value in COUNTRIES
        else "Must be a country code of two capital letters (ISO 3166), such as DE."
    )


def _fault_of_domain(value: str) -> str:
    try:
        canonical_domain(value)
    except ValueError as fault:
        return str(fault)
    return ""


def _fault_of_email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return gettext_noop("Must be an e-mail address.")
    return ""


def _refuse_taken_names(wanted: Application) -> None:
    others = open_registrations()
    if (
        Tenant.objects.filter(id=wanted.tenant_id).exists()
        or others.filter(tenant_id=wanted.tenant_id).exclude(domain=wanted.domain).exists()
    ):
        raise TenantTaken
    if (
        Tenant.objects.filter(domain=wanted.domain).exists()
        or others.filter(domain=wanted.domain).exclude(tenant_id=wanted.tenant_id).exists()
    ):
        raise DomainTaken


def _as_before(wanted: Application) -> Registration | None:
    return open_registrations().filter(**asdict(wanted)).order_by("pk").first()


def _new(wanted: Application, actor: Actor) -> Registration:
    now = clock.now()
    registration = Registration.objects.create(
        **asdict(wanted), token=secrets.token_hex(16),
        created_at=now, expires_at=now + PROVED_WITHIN, next_look_at=now + FIRST_LOOK_AFTER,
    )  # fmt: skip
    events.record(
        "registration.received",
        actor=actor,
        subject=("tenant", wanted.tenant_id),
        domain=wanted.domain,
        plan=wanted.plan,
    )
    return registration
