"""What there is to know of a tenant's guards, asked in one way by both who judge applications: the plane (plane/known.py), which
remembers it for seconds, and the door of the control APIs (door.py), which asks anew each time.

A tenant's role sees what the tenant has decided; which products have to sign stands in `public`, and is the platform's to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from applications.judging import Guards
from tenants.context import platform

FIND_GUARDS = """
SELECT coalesce((SELECT jsonb_object_agg(product_id, jsonb_build_array(mode, revision))::text
                 FROM applications_productguard), '{}'),
       coalesce((SELECT jsonb_agg(jsonb_build_array(product_id, value))::text
                 FROM applications_fingerprint WHERE state = 'blocked'), '[]'),
       ARRAY(SELECT DISTINCT product_id FROM licensing_license)
"""
MUST_SIGN = "SELECT product_id FROM public.signing_signedproduct WHERE is_required AND product_id = ANY(%s)"
NO_GUARDS: tuple[str, str, list[str]] = ("{}", "[]", [])


def guards_from(row: Sequence[Any], must_sign: Iterable[Sequence[Any]]) -> Guards:
    """From a row of `FIND_GUARDS` and the rows of `MUST_SIGN`."""
    modes, blocked, products = row
    return Guards(
        modes={product_id: (str(mode), int(revision)) for product_id, (mode, revision) in json.loads(modes).items()},
        blocked=frozenset((product_id, value) for product_id, value in json.loads(blocked)),
        must_sign=frozenset(str(product_id) for (product_id,) in must_sign),
        products=frozenset(products),
    )


def guards_here() -> Guards:
    """As they are now; in a tenant's scope, by Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute(FIND_GUARDS)
        row = cursor.fetchone() or NO_GUARDS
        with platform():
            cursor.execute(MUST_SIGN, [row[2]])
            return guards_from(row, cursor.fetchall())
