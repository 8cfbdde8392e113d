"""Reading licenses, leases and denials of a tenant, in its scope.

A seat whose lease has lapsed counts as free here, whether it was swept up yet or not.
"""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound
from licensing.models import Denial, Lease, License


def licenses() -> QuerySet[License]:
    """All licenses of the tenant with `held` (leases alive now) and `held_overage` of them; one query.

    Counted license by license over the index of leases that have not ended: what has ended, however much, costs nothing.
    """
    alive = Lease.objects.filter(license=OuterRef("pk"), ended_at=None, expires_at__gt=clock.now()).order_by()
    return License.objects.annotate(
        held=_counted(alive), held_overage=_counted(alive.filter(lease_type="overage"))
    ).order_by("product_name", "id")


def license_for(license_id: str) -> License:
    """Raises `NotFound`."""
    found = licenses().filter(id=license_id).first()
    if found is None:
        raise NotFound(f"There is no license {license_id[:120]!r} here.")
    return found


def license_for_update(license_id: str) -> License:
    """Locked; raises `NotFound`. In a transaction."""
    found = License.objects.select_for_update().filter(id=license_id).first()
    if found is None:
        raise NotFound(f"There is no license {license_id[:120]!r} here.")
    return found


def about(found: QuerySet[License], text: str) -> QuerySet[License]:
    """Those with the text in the name or id of license, product or vendor."""
    names = ("product_name", "product_id", "vendor_name", "id")
    condition = Q()
    for name in names:
        condition |= Q(**{f"{name}__icontains": text})
    return found.filter(condition)


def in_state(found: QuerySet[License], state: str) -> QuerySet[License]:
    """Those whose status, read with the contract's days, is this one (licensing/standing.py says the same of a row)."""
    if state in {License.Status.SUSPENDED, License.Status.REVOKED}:
        return found.filter(status=state)
    now = clock.now()
    is_over = Q(ends_at__lte=now, auto_renew=False)
    conditions = {
        "not_started": Q(starts_at__gt=now),
        "expired": Q(starts_at__lte=now) & is_over,
        "active": Q(starts_at__lte=now) & ~is_over,
    }
    return found.filter(conditions[state], status=License.Status.ACTIVE)


def leases(*, active: bool | None = None) -> QuerySet[Lease]:
    """All leases with their license, or only those alive (`active=True`), or only those ended."""
    found = Lease.objects.select_related("license").defer("license__package")
    if active is None:
        return found
    alive = Q(ended_at=None, expires_at__gt=clock.now())
    return found.filter(alive) if active else found.exclude(alive)


def seats_held(license_id: str) -> tuple[int, int]:
    """How many seats are in use now, and how many of them are overage."""
    overage = Count("pk", filter=Q(lease_type="overage"))
    counted = leases(active=True).filter(license_id=license_id).aggregate(held=Count("pk"), overage=overage)
    return counted["held"], counted["overage"]


def denials() -> QuerySet[Denial]:
    return Denial.objects.all()


def named(found: QuerySet[Denial]) -> QuerySet[Denial]:
    """Each with its `product_name`, where there is a license of it."""
    sold = License.objects.filter(pk=OuterRef("license_id")).values("product_name")
    return found.annotate(product_name=Subquery(sold))


def product_names() -> dict[str, str]:
    """What each product is called that the tenant has, had or will have a license of; by its id, in the order of the names."""
    return dict(
        License.objects.order_by("product_name", "product_id").values_list("product_id", "product_name").distinct()
    )


def spent_this_month(license_: License) -> Decimal:
    """What overage has cost since the month began (UTC)."""
    return license_.spent if license_.spent_month == clock.today().replace(day=1) else Decimal("0.00")


def free_seats(license_: License) -> int:
    """How many more checkouts could be granted now, by the vendor's terms and the customer's limits. On rows of `licenses()`."""
    commit: int = max(0, license_.commit_qty - (license_.held - license_.held_overage))  # type: ignore[attr-defined]
    overage_limit = min(
        license_.max_overage, license_.max_overage if license_.cap_overage is None else license_.cap_overage
    )
    overage: int = _affordable(license_, max(0, overage_limit - license_.held_overage))  # type: ignore[attr-defined]
    limit = min(
        license_.total_licenses, license_.total_licenses if license_.cap_in_use is None else license_.cap_in_use
    )
    free: int = limit - license_.held  # type: ignore[attr-defined]
    return max(0, min(commit + overage, free))


def status_of(lease: Lease) -> str:
    """`active`, or how it ended; a lapsed lease is `expired` before any sweep has seen it."""
    if lease.ended_at is not None:
        return lease.ended_by
    return "active" if lease.expires_at > clock.now() else "expired"


def _affordable(license_: License, seats: int) -> int:
    """How many of these overage seats the customer's budget of the month still pays for."""
    if license_.monthly_budget is None:
        return seats
    left = license_.monthly_budget - spent_this_month(license_)
    if left < 0:
        return 0
    return min(seats, int(left // license_.overage_per_use)) if license_.overage_per_use else seats


def _counted(leases_: QuerySet[Lease]) -> Coalesce:
    each = leases_.values("license").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(each, output_field=IntegerField()), 0)
