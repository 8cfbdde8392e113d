"""Forgetting somebody, wherever they stand: the sealed log, then all places, what is sealed, and their account at last.

Each step can be done again: what was forgotten names nobody. Entries that are not sealed yet can't be erased provably; so the job
comes again until there are none, and a worker that dies at any line has done a part, and the next one does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from accounts import erasing
from accounts.models import Role, User
from accounts.queries import active_addresses
from alerts import channels
from alerts.models import RevokeLink
from audit import events
from cloudlicenses.erasure import finding
from cloudlicenses.erasure.asking import Whose
from cloudlicenses.erasure.models import Erasure
from cloudlicenses.erasure.person import Person
from cloudlicenses.erasure.places import ABOUT_A_TENANT, IN_A_TENANT, OF_A_VENDOR, OF_THE_PLATFORM, Place
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.rows import unseal
from cloudlicenses.web.models import IdempotentAnswer
from tenants.context import platform
from tenants.models import Tenant

MOST_AT_ONCE = 20
CLAIM = timedelta(minutes=15)  # longer than any statement lives: settings.JOB_STATEMENT_SECONDS
AGAIN = timedelta(seconds=10)  # entries are sealed within seconds

log = structlog.get_logger("erasure")


def carry_out_due() -> int:
    """How many requests were worked on. In platform scope, outside of a transaction. One that fails holds up no other."""
    due = Erasure.objects.filter(done_at=None, next_try_at__lte=clock.now()).order_by("next_try_at")
    count = 0
    for erasure_id in list(due.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        try:
            count += carry_out(erasure_id)
        except (DatabaseError, Unsealable) as error:
            log.error("somebody could not be forgotten yet", erasure=erasure_id, exc_info=error)
    return count


def carry_out(erasure_id: str) -> bool:
    """Whether it was claimed here; it may have to be done again (`waiting`). In platform scope."""
    erasure = _claim(erasure_id)
    if erasure is None:
        return False
    whose = Whose(erasure.tenant_id, erasure.vendor_id)
    if whose.tenant_id and not Tenant.objects.filter(pk=whose.tenant_id, is_provisioned=True).exists():
        _settle(erasure, erasing.Erased(""), 0)  # it was deleted, with all that it held
        return True
    said = json.loads(unseal(erasure, "sealed_person"))
    person = Person(tuple(said["names"]), said["user_id"], said["pseudonym"])
    erased = erasing.erase(
        person.names, user_id=person.user_id, tenant_id=whose.tenant_id, vendor_id=whose.vendor_id, actor=SYSTEM
    )
    _settle(erasure, erased, _forget_rows(person, whose))
    return True


def _claim(erasure_id: str) -> Erasure | None:
    now: datetime = clock.now()
    due = Erasure.objects.filter(pk=erasure_id, done_at=None, next_try_at__lte=now)
    return Erasure.objects.get(pk=erasure_id) if due.update(next_try_at=now + CLAIM) else None


def _forget_rows(person: Person, whose: Whose) -> int:
    with whose.scope():
        if whose.tenant_id:
            count = _forget_at(IN_A_TENANT, person) + channels.forget_receiver(person.names)
        else:
            count = _forget_at(OF_A_VENDOR if whose.vendor_id else OF_THE_PLATFORM, person, whose.vendor_id)
        count += _forget_account(person, whose)
        heir = next(iter(active_addresses(Role.OWNER)), "") if whose.tenant_id else ""
    return count + (_forget_as_contact(person, whose.tenant_id, heir) if whose.tenant_id else 0)


def _forget_at(places: Sequence[Place], person: Person, owner: str = "") -> int:
    return sum(finding.forget(place, person, owner) for place in places)


@transaction.atomic
def _forget_account(person: Person, whose: Whose) -> int:
    """With sessions, factors, tokens, invitations and links, which hang on it; its number is never another's."""
    if not person.user_id:
        return 0
    answers = IdempotentAnswer.objects.filter(caller=f"user:{person.user_id}").delete()[0]
    links = RevokeLink.objects.filter(user_id=person.user_id).delete()[0] if whose.tenant_id else 0
    return answers + links + User.objects.filter(pk=person.user_id, is_active=False).delete()[0]


def _forget_as_contact(person: Person, tenant_id: str, heir: str) -> int:
    """Whom we would write to as the tenant's administrator: from now on one of its owners."""
    with platform():
        theirs = [one for one in Tenant.objects.filter(pk=tenant_id) if person.is_named(one.admin_email)]
        Tenant.objects.filter(pk__in=[one.pk for one in theirs]).update(admin_email=heir, admin_name="")
        return len(theirs) + _forget_at(ABOUT_A_TENANT, person, tenant_id)


def _settle(erasure: Erasure, erased: erasing.Erased, rows: int) -> None:
    """Once nothing waits the request knows nobody either."""
    is_done, now = not erased.waiting, clock.now()
    with platform(), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(
            entries=F("entries") + erased.entries, rows=F("rows") + rows, changed=erased.changed,
            **({"done_at": now, "sealed_person": None, "next_try_at": None} if is_done else {"next_try_at": now + AGAIN}),
        )  # fmt: skip
        if is_done and erased.log:
            _record(erasure)


def _record(erasure: Erasure) -> None:
    done = Erasure.objects.get(pk=erasure.pk)
    with Whose(done.tenant_id, done.vendor_id).scope():
        events.record(
            "person.erased", actor=SYSTEM, subject=("erasure", done.pk), vendor_id=done.vendor_id, announce=False,
            entries=done.entries, rows=done.rows,
        )  # fmt: skip
