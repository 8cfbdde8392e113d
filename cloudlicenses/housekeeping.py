"""Nightly: what is only kept for a while goes, in `public` and in each tenant's schema: old answers, ended sessions.

A tenant whose turn fails is logged and tried again the next night; it holds up no other.
"""

from __future__ import annotations

import structlog
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseError

from cloudlicenses.kit import clock
from cloudlicenses.web import idempotency
from tenants.context import inside
from tenants.queries import provisioned_ids

log = structlog.get_logger("housekeeping")


def forget_what_is_old() -> int:
    """How many rows went. In platform scope, outside of a transaction."""
    return _forget_here() + sum(map(_forget_at, provisioned_ids()))


def _forget_here() -> int:
    return idempotency.forget_old() + Session.objects.filter(expire_date__lt=clock.now()).delete()[0]


def _forget_at(tenant_id: str) -> int:
    try:
        with inside(tenant_id):
            return _forget_here()
    except DatabaseError as error:
        log.error("old rows stay", tenant=tenant_id, exc_info=error)
        return 0
