"""What a vendor sells: products with a version constraint and named features.

Ids are unique on the platform, because applications ask for a product without naming its vendor. A change of the catalogue holds
for licenses generated later; those that exist keep the terms they were sold with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, gettext_noop
from vendors import queries, terms
from vendors.models import Product
from vendors.refusals import ProductTaken


@transaction.atomic
def add(actor: Actor, vendor_id: str, ware: terms.Ware) -> Product:
    """A new product. Raises `InvalidInput`, `ProductTaken`."""
    terms.refuse(*terms.faults_of_product(ware), *_faults_of_name(ware.name, "name"))
    product, is_new = _claim(vendor_id, ware)
    if not is_new:
        raise ProductTaken
    _record_addition(actor, product)
    return product


@transaction.atomic
def change(actor: Actor, vendor_id: str, product_id: str, changes: Mapping[str, Any]) -> Product:
    """Another name, version constraint or list of features (`name`, `version`, `features`). Raises `NotFound`, `InvalidInput`."""
    product = queries.product_for_update(vendor_id, product_id)
    ware = terms.Ware(
        id=product.id,
        name=changes.get("name", product.name),
        version=changes.get("version", product.version_constraint),
        features=tuple(changes.get("features", product.features)),
    )
    terms.refuse(*terms.faults_of_product(ware), *_faults_of_name(ware.name, "name"))
    product.name, product.version_constraint, product.features = ware.name, ware.version, list(ware.features or ())
    product.save(update_fields=["name", "version_constraint", "features"])
    events.record("product.changed", actor=actor, subject=("product", product.id), changes=sorted(changes))
    return product


def product_sold(actor: Actor, vendor_id: str, ware: terms.Ware) -> Product:
    """The product of an order: the one in the catalogue, or a new one. Raises `ProductTaken`, `InvalidInput`."""
    known = queries.products_of(vendor_id).filter(id=ware.id).first()
    if known is not None:
        return known
    terms.refuse(*_faults_of_name(ware.name, "product.name"))
    product, is_new = _claim(vendor_id, ware)
    if is_new:
        _record_addition(actor, product)
    return product


def _claim(vendor_id: str, ware: terms.Ware) -> tuple[Product, bool]:
    """The product and whether it was made now; of two at once, one makes it. Other vendors' products can't be seen from here,
    but the unique index knows them."""
    try:
        return Product.objects.get_or_create(
            id=ware.id,
            vendor_id=vendor_id,
            defaults={
                "name": ware.name,
                "version_constraint": ware.version,
                "features": list(ware.features or ()),
                "created_at": clock.now(),
            },
        )
    except IntegrityError:
        raise ProductTaken from None


def _faults_of_name(name: str, field: str) -> list[FieldError]:
    return [] if name else [FieldError(field, "required", gettext_noop("A new product needs a name."))]


def _record_addition(actor: Actor, product: Product) -> None:
    events.record("product.added", actor=actor, subject=("product", product.id), name=product.name)
