"""What happened, as the ledger gets to know it: licenses sold, and checkouts written as the seat rule writes them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from tests import builders, cast
from vendors.models import CrmAccount, IssuedLicense

NOVEMBER = datetime(2025, 11, 1, tzinfo=UTC)
FEE = Decimal("5000.00")
PRICE = Decimal("500.00")
_numbers = itertools.count(1)

# To the letter what licensing/sql does when it grants a seat.
RECORD = """
    INSERT INTO public.billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def customer(crm_account_id: str = "ACC-98765", name: str = cast.MERCEDES.company_name, **more: Any) -> CrmAccount:
    terms = {"vendor_id": cast.VECTOR.id, "tenant_id": cast.MERCEDES.id} | more
    return CrmAccount.objects.create(
        crm_account_id=crm_account_id, customer_name=name, created_at=builders.LONG_AGO, **terms
    )


def sold(
    license_id: str = "lic-1", *, to: CrmAccount, product: cast.Ware = cast.DAVINCI, **terms: Any
) -> IssuedLicense:
    """A license provisioned before November 2025, for 5,000.00 a month and 500.00 an overage checkout."""
    opening: dict[str, Any] = {
        "status": IssuedLicense.Status.PROVISIONED,
        "created_at": builders.LONG_AGO,
        "provisioned_at": datetime(2025, 10, 15, tzinfo=UTC),
        "start_date": date(2025, 1, 1),
        "end_date": date(2030, 12, 31),
        "commit_fee_monthly": FEE,
        "overage_per_use": PRICE,
    }
    return IssuedLicense.objects.create(
        id=license_id,
        vendor_id=product.vendor_id,
        account=to,
        product_id=product.id,
        tenant_id=to.tenant_id,
        crm_opportunity_id=f"OPP-{license_id}",
        request_digest="0" * 64,
        package="e30.e30.c2ln",
        **builders.TERMS | opening | terms,
    )


def checkouts(
    license: IssuedLicense, count: int, *, at: datetime = NOVEMBER, kind: str = "overage", price: Decimal | None = None
) -> None:
    amount = Decimal("0.00") if kind == "commit" else (license.overage_per_use if price is None else price)
    rows = [
        (
            f"lease-{next(_numbers)}",
            at,
            kind,
            license.tenant_id,
            license.vendor_id,
            license.id,
            license.product_id,
            amount,
            license.currency,
        )
        for _ in range(count)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(RECORD, rows)
