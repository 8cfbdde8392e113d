"""What there is to know of a tenant's guards, asked in one way by both who judge applications: the plane (plane/known.py), which
remembers it for seconds, and the door of the control APIs (door.py), which asks anew each time what the tenant has decided, and
remembers for as long which products have to sign.

A tenant's role sees what the tenant has decided; which products have to sign stands in `public`, and is the platform's to read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from applications.judging import Guards
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.web.wakeups import REMEMBERED_SECONDS
from tenants.context import platform

FIND_GUARDS = """
SELECT coalesce((SELECT jsonb_object_agg(product_id, jsonb_build_array(mode, revision))::text
                 FROM applications_productguard), '{}'),
       coalesce((SELECT jsonb_agg(jsonb_build_array(product_id, value))::text
                 FROM applications_fingerprint WHERE state = 'blocked'), '[]'),
       ARRAY(SELECT DISTINCT product_id FROM licensing_license)
"""
ALL_THAT_MUST = "SELECT product_id FROM public.signing_signedproduct WHERE is_required"
NO_GUARDS: tuple[str, str, list[str]] = ("{}", "[]", [])


def guards_from(row: Sequence[Any], must_sign: frozenset[str]) -> Guards:
    """From a row of `FIND_GUARDS`, and which of its products have to sign."""
    modes, blocked, products = row
    return Guards(
        modes={product_id: (str(mode), int(revision)) for product_id, (mode, revision) in json.loads(modes).items()},
        blocked=frozenset((product_id, value) for product_id, value in json.loads(blocked)),
        must_sign=must_sign,
        products=frozenset(products),
    )


class MustSign:
    """Of all vendors, which products have to sign: they are few, and seldom change. One per process; told of changes as the plane's
    memory is (plane/callers.py), and without Valkey right again after `REMEMBERED_SECONDS`."""

    def __init__(self) -> None:
        self._kept: Remembered[str, frozenset[str]] = Remembered(most=1, seconds=REMEMBERED_SECONDS)

    def products(self) -> frozenset[str]:
        return self._kept.get("", _all_that_must_sign)

    def forget(self, kind: str, name: str) -> None:
        if kind == "product":
            self.forget_all()

    def forget_all(self) -> None:
        self._kept.forget_all()


must_sign = MustSign()


def guards_here() -> Guards:
    """What the tenant has decided, as it is now; in its scope, by Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute(FIND_GUARDS)
        row = cursor.fetchone() or NO_GUARDS
    return guards_from(row, must_sign.products().intersection(row[2]))


def _all_that_must_sign() -> frozenset[str]:
    with platform(), connection.cursor() as cursor:
        cursor.execute(ALL_THAT_MUST)
        return frozenset(str(product_id) for (product_id,) in cursor.fetchall())
