"""What is only kept for a while goes, in `public` and in each tenant's schema: old answers, ended sessions,
what alerts have learned and told.

Once a day it is a tenant's turn, a few tenants at a time: a worker is never busy with this for long, however many there are, and
one that dies has lost one tenant's turn of one day. A tenant whose turn fails is logged and has its next the day after.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import Error as DatabaseError

from accounts.models import Session
from alerts import forgetting
from cloudlicenses.kit import clock
from cloudlicenses.web import idempotency
from tenants.context import inside
from tenants.queries import claim_untidied

EVERY = timedelta(hours=24)
MOST_AT_ONCE = 50

log = structlog.get_logger("housekeeping")


def forget_what_is_old() -> int:
    """How many rows went: in `public`, and at the tenants whose turn it is. In platform scope, outside of a transaction."""
    gone, since = _forget_here(), clock.now() - EVERY
    for _ in range(MOST_AT_ONCE):
        tenant_id = claim_untidied(since)
        if not tenant_id:
            break
        gone += _forget_at(tenant_id)
    return gone


def _forget_here() -> int:
    return idempotency.forget_old() + Session.objects.filter(expire_date__lt=clock.now()).delete()[0]


def _forget_at(tenant_id: str) -> int:
    try:
        with inside(tenant_id):
            return _forget_here() + forgetting.forget_old()
    except DatabaseError as error:
        log.error("old rows stay", tenant=tenant_id, exc_info=error)
        return 0
