"""What the vendor does, in the tests of races: terms, and the stories of licensing/grants.py that bring them to the tenant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from licensing.grants import Terms
from tenants.context import inside
from tests import builders, cast
from tests.races.asking import TENANT


def terms_of(license_id: str, ware: cast.Ware = cast.DAVINCI, **changes: Any) -> Terms:
    usual: dict[str, Any] = {
        "id": license_id, "vendor_id": ware.vendor_id, "vendor_name": ware.vendor_id, "product_id": ware.id,
        "product_name": ware.name, "version_constraint": "", "features": [], "starts_at": builders.LONG_AGO,
        "ends_at": clock.now() + timedelta(days=365), "auto_renew": False, "package": "e30.e30.c2ln", "revision": 1,
    }  # fmt: skip
    return Terms(**usual | builders.TERMS | changes)


def tell(change: Callable[[Actor, Terms], None], terms: Terms) -> None:
    with inside(TENANT):
        change(builders.actor("vendor", id=terms.vendor_id), terms)
