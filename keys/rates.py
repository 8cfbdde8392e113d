"""How often a key may call: its own limits, else its plan's; and all keys of a tenant together, by the plan (tenants/plans.py).

And how often it is written down that somebody was refused: a flood of that is not to fill its victim's audit log.
"""

from __future__ import annotations

from cloudlicenses.kit.limits import Limit
from cloudlicenses.kit.networks import network_of
from keys.recognising import KeyFacts
from tenants.plans import rates_of

NOTED_PER_MINUTE = 60  # of one key, person or network
STRANGERS_NOTED_PER_MINUTE = 600  # of all networks together, since one may have many


def limits_on(key: KeyFacts, tenant_id: str, plan_id: str, *, is_checkout: bool = False) -> list[Limit]:
    """What one more call counts against; it passes only if all of them let it."""
    plan = rates_of(plan_id)
    limits = [Limit(f"{tenant_id}:requests:{key.id}", key.requests_per_hour or plan.requests_per_hour, 3600)]
    if is_checkout:
        per_minute = key.checkouts_per_minute or plan.checkouts_per_minute
        limits.append(Limit(f"{tenant_id}:checkouts:{key.id}", per_minute, 60))
    if plan.tenant_requests_per_minute is not None:
        limits.append(Limit(f"{tenant_id}:all", plan.tenant_requests_per_minute, 60))
    return limits


def noting(owner: str, caller: str, ip: str) -> list[Limit]:
    """What a refusal counts against, if it is to stand in the owner's audit log. `caller`: who it was, empty for strangers."""
    if caller:
        return [Limit(f"noted:{owner}:{caller}", NOTED_PER_MINUTE, 60)]
    return [
        Limit(f"noted:{owner}:{network_of(ip)}", NOTED_PER_MINUTE, 60),
        Limit(f"noted:{owner}:strangers", STRANGERS_NOTED_PER_MINUTE, 60),
    ]
