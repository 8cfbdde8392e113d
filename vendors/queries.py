"""Reading what a vendor has, and locking it. Not there and not yours are the same answer.

The vendors' role sees this vendor's rows only; the filters say it again, for whoever asks in platform scope.
"""

from __future__ import annotations

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cloudlicenses.kit.refusals import NotFound
from tenants.models import Tenant
from vendors.models import CrmAccount, IssuedLicense, Product, Vendor


def vendor_for(vendor_id: str) -> Vendor:
    """Raises `NotFound`."""
    vendor = Vendor.objects.filter(id=vendor_id).first()
    if vendor is None:
        raise NotFound
    return vendor


def vendor_for_update(vendor_id: str) -> Vendor:
    """Locks the row; raises `NotFound`. In platform scope and a transaction."""
    vendor = Vendor.objects.select_for_update().filter(id=vendor_id).first()
    if vendor is None:
        raise NotFound
    return vendor


def vendors_with_counts() -> QuerySet[Vendor]:
    """All vendors, for operators, with `product_count` and `license_count`. In platform scope."""
    return Vendor.objects.annotate(product_count=_number_of(Product), license_count=_number_of(IssuedLicense))


def _number_of(kind: type[Model]) -> Coalesce:
    """Counted for each vendor that is shown, and for no other."""
    own = kind._default_manager.filter(vendor_id=OuterRef("pk")).order_by().values("vendor_id")
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)


def products_of(vendor_id: str) -> QuerySet[Product]:
    return Product.objects.filter(vendor_id=vendor_id)


def product_for(vendor_id: str, product_id: str) -> Product:
    """Raises `NotFound`."""
    product = products_of(vendor_id).filter(id=product_id).first()
    if product is None:
        raise NotFound(f"There is no product {product_id[:100]!r}.")
    return product


def product_for_update(vendor_id: str, product_id: str) -> Product:
    """Locks the row; raises `NotFound`. In a transaction."""
    product = products_of(vendor_id).select_for_update().filter(id=product_id).first()
    if product is None:
        raise NotFound(f"There is no product {product_id[:100]!r}.")
    return product


def licenses_of(vendor_id: str) -> QuerySet[IssuedLicense]:
    """With customer, product and vendor at hand."""
    return IssuedLicense.objects.filter(vendor_id=vendor_id).select_related("account", "product", "vendor")


def license_counts(vendor_id: str) -> dict[str, int]:
    """How many licenses there are of each status."""
    return dict(IssuedLicense.objects.filter(vendor_id=vendor_id).values_list("status").annotate(count=Count("pk")))


def license_for(vendor_id: str, license_id: str) -> IssuedLicense:
    """Raises `NotFound`."""
    license = licenses_of(vendor_id).filter(id=license_id).first()
    if license is None:
        raise NotFound(f"There is no license {license_id[:120]!r}.")
    return license


def license_for_update(vendor_id: str, license_id: str) -> IssuedLicense:
    """Locks the license's row, not those it refers to; raises `NotFound`. In a transaction."""
    license = licenses_of(vendor_id).select_for_update(of=("self",)).filter(id=license_id).first()
    if license is None:
        raise NotFound(f"There is no license {license_id[:120]!r}.")
    return license


def find_license_of_opportunity(vendor_id: str, crm_opportunity_id: str) -> IssuedLicense | None:
    return licenses_of(vendor_id).filter(crm_opportunity_id=crm_opportunity_id).first()


def accounts_of(vendor_id: str) -> QuerySet[CrmAccount]:
    return CrmAccount.objects.filter(vendor_id=vendor_id)


def account_for(vendor_id: str, account_id: int) -> CrmAccount:
    """Raises `NotFound`."""
    account = accounts_of(vendor_id).filter(pk=account_id).first()
    if account is None:
        raise NotFound
    return account


def has_living_tenant(license: IssuedLicense) -> bool:
    """Whether the customer's schema is there to be written into; in the vendor's scope."""
    return Tenant.objects.filter(id=license.tenant_id, is_provisioned=True).exclude(status="deleted").exists()
