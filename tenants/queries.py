"""Finding tenants. What a host leads to is asked at every request, so it is remembered for a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound
from tenants.context import platform
from tenants.models import Domain, Tenant
from tenants.roles import TENANT_ID

REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 10_000
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What requests need to know of their tenant."""

    id: str
    company_name: str
    status: str
    plan: str
    crm_id: str


_remembered: dict[str, tuple[float, TenantFacts | None]] = {}
_lock = threading.Lock()


def find_tenant_by_label(label: str) -> TenantFacts | None:
    """The provisioned tenant with this subdomain; None for anything else."""
    if not TENANT_ID.fullmatch(label):
        return None
    return _remember("label:" + label, lambda: _facts(Tenant.objects.filter(id=label)))


def find_tenant_by_domain(host: str) -> TenantFacts | None:
    """The tenant whose own domain this is; None for anything else."""
    if len(host) > LONGEST_HOST:  # whatever strangers send is remembered for a second, too
        return None
    owners = Domain.objects.filter(domain=host).values("tenant_id")
    return _remember("domain:" + host, lambda: _facts(Tenant.objects.filter(id__in=owners)))


def tenant(tenant_id: str) -> Tenant:
    """For operators; raises `NotFound`. In platform scope."""
    found = Tenant.objects.filter(id=tenant_id).first()
    if found is None:
        raise NotFound(f"There is no tenant {tenant_id!r}.")
    return found


@transaction.atomic
def claim_untidied(since: datetime) -> str:
    """The tenant that was tidied longest ago, before `since`; from now on it counts as tidied. Empty: there is none.

    Any number of workers may ask at once; each gets another. In platform scope.
    """
    waiting = (
        Tenant.objects.filter(is_provisioned=True).exclude(tidied_at__gte=since).select_for_update(skip_locked=True)
    )
    tenant = waiting.order_by(F("tidied_at").asc(nulls_first=True), "id").first()
    if tenant is None:
        return ""
    Tenant.objects.filter(id=tenant.id).update(tidied_at=clock.now())
    return tenant.id


def tenant_for_update(tenant_id: str) -> Tenant:
    """Locks the row; raises `NotFound`. In platform scope and a transaction."""
    tenant = Tenant.objects.select_for_update().filter(id=tenant_id).first()
    if tenant is None:
        raise NotFound
    return tenant


def forget(tenant_id: str) -> None:
    """This process looks again at the next request."""
    with _lock:
        _remembered.pop("label:" + tenant_id, None)


def _facts(found: QuerySet[Tenant]) -> TenantFacts | None:
    row = (
        found.filter(is_provisioned=True)
        .exclude(status=Tenant.Status.DELETED)
        .values_list("id", "company_name", "status", "plan", "crm_id")
        .first()
    )
    return TenantFacts(*row) if row else None


def _remember(name: str, look: Callable[[], TenantFacts | None]) -> TenantFacts | None:
    known = _remembered.get(name)
    if known and known[0] > time.monotonic():
        return known[1]
    with platform():
        facts = look()
    with _lock:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[name] = (time.monotonic() + (REMEMBERED_SECONDS if facts else 1.0), facts)
    return facts
