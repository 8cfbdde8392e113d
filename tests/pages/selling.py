"""What tests of the vendor portal have in common: a license sold to Mercedes, and what a page said."""

from __future__ import annotations

from typing import Any

from tenants import context
from tests import builders, cast
from tests.vendors.crm import deal
from vendors import issuing
from vendors.api.orders import GenerateRequest


def sold(**changes: Any) -> str:
    request = GenerateRequest(data=deal(**changes))
    request.is_valid(raise_exception=True)
    with context.acting_for(cast.VECTOR.id):
        return issuing.generate(builders.actor(), cast.VECTOR.id, request.order()).license.id


def said(page: Any) -> str:
    assert page.status_code == 200, page.content[:2000]
    return str(page.content.decode())
