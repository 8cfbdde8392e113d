"""A presented certificate judged by what stands in the present scope, a tenant's; for the control APIs, which ask seldom."""

from __future__ import annotations

from django.db import connection

from certificates import proving
from cloudlicenses.kit import clock


def prove(header: str) -> proving.Proof:
    """What the certificate in a trusted proxy's header proves to this tenant, now."""
    presented = proving.read(header)
    with connection.cursor() as cursor:
        cursor.execute(proving.FIND_TRUST, [presented.serial, presented.serial])
        anchors = proving.anchors_from(cursor.fetchall())
    return proving.judge(presented, anchors, clock.now())
