"""Small makers of rows. Each takes what the test is about and invents the rest; all write in the present scope.

A story that exists is used in preference to writing its rows: these are for what a test needs to have happened before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Role, User
from applications.models import Fingerprint
from cloudlicenses.kit import clock, ids, tokens
from cloudlicenses.kit.actor import Actor
from keys.issuing import APPLICATION_SCOPES, VENDOR_SCOPES
from keys.models import ApiKey
from licensing.models import Lease, License
from tests import cast
from vendors.models import CrmAccount, IssuedLicense

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
TERMS: dict[str, Any] = {
    "total_licenses": 10,
    "commit_qty": 5,
    "max_overage": 5,
    "commit_fee_monthly": Decimal("1000.00"),
    "overage_per_use": Decimal("12.50"),
    "currency": "EUR",
}


def granted(license_id: str = "lic-1", *, product: cast.Ware = cast.DAVINCI, **terms: Any) -> License:
    """A license as a tenant has it; in a tenant's scope."""
    seller = next(vendor for vendor in cast.VENDORS if vendor.id == product.vendor_id)
    return License.objects.create(
        id=license_id,
        vendor_id=seller.id,
        vendor_name=seller.name,
        product_id=product.id,
        product_name=product.name,
        package="e30.e30.c2ln",
        **{"starts_at": LONG_AGO, "ends_at": clock.now() + timedelta(days=365), "provisioned_at": LONG_AGO}
        | TERMS
        | terms,
    )


def leased(license: License, lease_id: str = "lease-1", **facts: Any) -> Lease:
    """A seat in use, written without the seat rule: the license's own count stays as it is."""
    usual = {
        "lease_type": "commit",
        "cost": 0,
        "currency": "EUR",
        "user": "anna",
        "key_id": "key-1",
        "ttl_seconds": 900,
        "issued_at": clock.now(),
        "expires_at": clock.now() + timedelta(minutes=15),
    }
    return Lease.objects.create(id=lease_id, license=license, **usual | facts)


def issued(
    license_id: str = "lic-1", *, product: cast.Ware = cast.DAVINCI, tenant_id: str = "", **terms: Any
) -> IssuedLicense:
    """A license as its vendor sold it; in the vendor's or the platform's scope."""
    opening = {
        "status": IssuedLicense.Status.PENDING_CUSTOMER,
        "start_date": LONG_AGO.date(),
        "end_date": clock.today() + timedelta(days=365),
        "created_at": LONG_AGO,
        "crm_opportunity_id": f"OPP-{license_id}",
    }
    return IssuedLicense.objects.create(
        id=license_id,
        vendor_id=product.vendor_id,
        account=account(product.vendor_id, tenant_id=tenant_id),
        product_id=product.id,
        tenant_id=tenant_id,
        package="e30.e30.c2ln",
        request_digest="0" * 64,
        **opening | TERMS | terms,
    )


def fingerprint(value: str, *, product_id: str = cast.DAVINCI.id, **facts: Any) -> Fingerprint:
    """An installation of an application, of which somebody may have decided already; in a tenant's scope."""
    usual = {"id": ids.new_id("fpr"), "state": "learned", "first_seen_at": LONG_AGO, "last_seen_at": LONG_AGO}
    return Fingerprint.objects.create(value=value, product_id=product_id, **usual | facts)


def account(vendor_id: str = cast.VECTOR.id, *, crm_account_id: str = "ACC-1", tenant_id: str = "") -> CrmAccount:
    """The vendor's record of a customer."""
    found, _ = CrmAccount.objects.get_or_create(
        vendor_id=vendor_id,
        crm_account_id=crm_account_id,
        defaults={"customer_name": cast.MERCEDES.company_name, "tenant_id": tenant_id, "created_at": LONG_AGO},
    )
    return found


def tenant_key(tenant_id: str = cast.MERCEDES.id, *, scopes: tuple[str, ...] = APPLICATION_SCOPES, **with_: Any) -> str:
    """A tenant's API key, as its holder knows it; in that tenant's scope."""
    return _key("clsk", tenant_id, scopes, with_)


def vendor_key(vendor_id: str = cast.VECTOR.id, *, scopes: tuple[str, ...] = VENDOR_SCOPES, **with_: Any) -> str:
    """A vendor's API key, as its holder knows it; in the vendor's or the platform's scope."""
    return _key("clvk", vendor_id, scopes, with_)


def person(email: str = "anna@mercedes-benz.com", *, role: Role = Role.OWNER, vendor_id: str = "") -> User:
    """Somebody who signs in with cast.PASSWORD; in the scope of where they belong."""
    user = User(email=email, name=email.partition("@")[0].title(), role=role, vendor_id=vendor_id, created_at=LONG_AGO)
    user.set_password(cast.PASSWORD)
    user.save()
    return user


def actor(kind: str = "user", *, id: str = "anna@mercedes-benz.com") -> Actor:
    return Actor(kind=kind, id=id, label=id)


def _key(prefix: str, owner: str, scopes: tuple[str, ...], with_: dict[str, Any]) -> str:
    minted = tokens.mint(prefix, owner)
    ApiKey.objects.create(
        owner=owner,
        secret_hash=minted.digest,
        hint=minted.hint,
        scopes=list(scopes),
        **{"id": ids.new_id("key"), "app_name": "tests", "created_at": LONG_AGO} | with_,
    )
    return minted.text
