"""The proof that a company owns its domain: a TXT record that only it can set. With the proof the tenant begins to exist.

`verify` looks at once, for whoever asks; `look_for_proofs` looks at what is due, in the background, with growing pauses, until a
registration expires. Both end in `confirm`, which makes the tenant's row and its steps in one transaction; provisioning follows.
"""

from __future__ import annotations

import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM, Actor
from cloudlicenses.kit.refusals import NotFound, gettext_noop
from tenants import provisioning
from tenants.models import Registration, Tenant
from tenants.refusals import TenantTaken, VerificationExpired, VerificationPending, VerificationTokenMismatch
from tenants.registration import lock_names, open_registrations
from tenants.roles import schema_of
from tenants.txt_records import Look, look_up

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
LOOKS_AT_ONCE = 8
Status = Registration.Status


def verify(tenant_id: str, token: str, *, actor: Actor) -> Tenant:
    """Look for the record now. The tenant, verified now or before; its provisioning has been tried once.

    Raises `NotFound`, `VerificationTokenMismatch`, `VerificationExpired`, `VerificationPending`, `TenantTaken`.
    """
    registration = registration_with(tenant_id, token)
    if registration.status == Status.VERIFIED:
        return Tenant.objects.get(pk=tenant_id)
    _refuse_unless_open(registration)
    look = look_up(record_name(registration.domain))
    _note(registration, look)
    if not look.shows(record_value(registration.token)):
        raise _pending(registration, look)
    return confirm(registration.pk, verified_by="dns", actor=actor)


def look_for_proofs(most: int = 40) -> int:
    """Look for every record that is due, and close what has expired; how many were looked for."""
    _close_expired()
    due = _claim_due(most)
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        looks = list(pool.map(look_up, [record_name(registration.domain) for registration in due]))
    for registration, look in zip(due, looks, strict=True):
        _note(registration, look)
        if look.shows(record_value(registration.token)):
            _confirm_unless_too_late(registration)
    return len(due)


def confirm(registration_id: int, *, verified_by: str, actor: Actor) -> Tenant:
    """The domain is proved, or vouched for: make the tenant, close rival registrations, provision. Repeatable.

    Raises `TenantTaken` when a rival was proved first, `VerificationExpired`.
    """
    tenant = _make_tenant(registration_id, verified_by, actor)
    provisioning.provision(tenant.pk)
    return tenant


def registration_with(tenant_id: str, token: str) -> Registration:
    """The registration whose token this is; raises `NotFound` or `VerificationTokenMismatch`."""
    candidates = list(Registration.objects.filter(tenant_id=tenant_id))
    if not candidates:
        raise NotFound("There is no registration of this tenant id.")
    found = [each for each in candidates if hmac.compare_digest(each.token.encode(), token.encode())]
    if not found:
        raise VerificationTokenMismatch
    return found[0]


def record_name(domain: str) -> str:
    return f"_cloudlicenses.{domain}"


def record_value(token: str) -> str:
    return f"cloudlicenses-verify={token}"


def _refuse_unless_open(registration: Registration) -> None:
    if registration.status == Status.CLOSED:
        raise TenantTaken(
            gettext_noop("Another registration of these names was proved. Ask your colleagues, or sign in.")
        )
    if registration.status == Status.EXPIRED or registration.expires_at <= clock.now():
        raise VerificationExpired


def _pending(registration: Registration, look: Look) -> VerificationPending:
    name, value = record_name(registration.domain), record_value(registration.token)
    reason = look.problem or ("Other TXT records are there." if look.texts else "The name has no TXT record.")
    return VerificationPending(
        f"{reason} Add a TXT record named {name} with the value {value}; a new record may take some minutes to be seen.",
        looked_up={"name": name, "type": "TXT", "resolvers": list(look.resolvers)},
        expected=value,
        found=look.shown,
    )


def _note(registration: Registration, look: Look) -> None:
    Registration.objects.filter(pk=registration.pk).update(last_found=look.shown, last_problem=look.problem)


@transaction.atomic
def _claim_due(most: int) -> list[Registration]:
    """A claim is the next look's time moved on, so a worker that dies here costs one pause and nothing else."""
    now = clock.now()
    due = open_registrations().filter(next_look_at__lte=now).order_by("next_look_at")
    claimed = list(due.select_for_update(skip_locked=True)[:most])
    for registration in claimed:
        registration.looks += 1
        registration.next_look_at = now + pause_after(registration.looks)
    Registration.objects.bulk_update(claimed, ["looks", "next_look_at"])
    return claimed


def pause_after(looks: int) -> timedelta:
    """5 s, 10 s, 20 s … 10 min."""
    return min(FIRST_PAUSE * (1 << min(looks - 1, 20)), LONGEST_PAUSE)


def _confirm_unless_too_late(registration: Registration) -> None:
    try:
        confirm(registration.pk, verified_by="dns", actor=SYSTEM)
    except (TenantTaken, VerificationExpired):
        return  # a rival was faster, or the time ran out between look and lock


@transaction.atomic
def _close_expired() -> None:
    overdue = Registration.objects.filter(status=Status.PENDING, expires_at__lte=clock.now())
    for registration in overdue.select_for_update(skip_locked=True)[:100]:
        _close(registration, Status.EXPIRED)
        events.record(
            "registration.expired", actor=SYSTEM, subject=("tenant", registration.tenant_id), domain=registration.domain
        )


@transaction.atomic
def _make_tenant(registration_id: int, verified_by: str, actor: Actor) -> Tenant:
    names = Registration.objects.values_list("tenant_id", "domain").get(pk=registration_id)
    lock_names(*names)
    registration = Registration.objects.select_for_update().get(pk=registration_id)
    if registration.status == Status.VERIFIED:
        return Tenant.objects.get(pk=registration.tenant_id)
    _refuse_unless_open(registration)
    now = clock.now()
    tenant = _tenant_from(registration, now)
    provisioning.plan(tenant)
    registration.verified_at, registration.verified_by = now, verified_by
    _close(registration, Status.VERIFIED)
    _close_rivals(registration)
    events.record(
        "tenant.verified",
        actor=actor,
        subject=("tenant", tenant.pk),
        domain=tenant.domain,
        crm_id=tenant.crm_id,
        by=verified_by,
    )
    return tenant


def _tenant_from(registration: Registration, now: datetime) -> Tenant:
    same = ("company_name", "domain", "country", "tax_id", "region", "plan", "admin_email", "admin_name")
    return Tenant.objects.create(
        id=registration.tenant_id, schema_name=schema_of(registration.tenant_id), crm_id=_next_crm_id(),
        created_at=now, verified_at=now, **{name: getattr(registration, name) for name in same},
    )  # fmt: skip


def _next_crm_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('public.tenants_crm_number')")
        return f"CUST-{cursor.fetchone()[0]:05d}"


def _close_rivals(proved: Registration) -> None:
    rivals = Registration.objects.filter(Q(tenant_id=proved.tenant_id) | Q(domain=proved.domain), status=Status.PENDING)
    for rival in rivals.exclude(pk=proved.pk):
        _close(rival, Status.CLOSED)


def _close(registration: Registration, status: str) -> None:
    registration.status, registration.next_look_at = status, None
    registration.save(update_fields=["status", "next_look_at", "verified_at", "verified_by"])
