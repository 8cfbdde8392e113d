"""A product's secrets: generated, rotated, retired by its vendor. In the vendor's scope.

Two of a product are valid at a time, so a rotation is: generate the second, bring out applications that sign with it, retire the
first.
The text is returned once; what lies in the database is sealed. A change reaches every process within a second (web.wakeups).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from applications.judging import ProductSigning
from applications.refusals import LastSecretNeeded, SecretMissing, TwoSecretsValid
from applications.signing.models import ProductSecret, SignedProduct
from audit import events
from cloudlicenses.kit import clock, signatures, tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web import wakeups

PREFIX = "clps"
MOST_VALID = 2


@dataclass(frozen=True, slots=True)
class Generated:
    """A secret and, this once, its text."""

    secret: ProductSecret
    text: str = field(repr=False)


@transaction.atomic
def generate(actor: Actor, vendor_id: str, product_id: str) -> Generated:
    """A new secret for a product of this vendor; those that are valid stay so. Raises `TwoSecretsValid`."""
    product = _locked(vendor_id, product_id)
    if valid_of(product_id).count() >= MOST_VALID:
        raise TwoSecretsValid
    text = tokens.mint(PREFIX, vendor_id).text
    key_id = signatures.secret_id(text)
    secret = ProductSecret(
        id=key_id, product=product, vendor_id=vendor_id, created_at=clock.now(), created_by=actor.label or actor.id
    )  # fmt: skip
    secret.sealed_secret = seal(secret, "sealed_secret", text.encode())
    secret.save(force_insert=True)
    events.record("product_secret.generated", actor=actor, subject=("product", product_id), key=key_id)
    wakeups.announce("product", product_id)
    return Generated(secret=secret, text=text)


@transaction.atomic
def retire(actor: Actor, vendor_id: str, product_id: str, key_id: str) -> ProductSecret:
    """What is signed with it is refused from now on; retiring twice changes nothing. Raises `NotFound`, `LastSecretNeeded`."""
    product = _locked(vendor_id, product_id)
    secret = secrets_of(product_id).filter(id=key_id).first()
    if secret is None:
        raise NotFound(f"There is no secret {key_id[:20]!r} of this product.")
    if secret.retired_at is None:
        if product.is_required and not valid_of(product_id).exclude(id=key_id).exists():
            raise LastSecretNeeded
        secret.retired_at = clock.now()
        secret.save(update_fields=["retired_at"])
        events.record("product_secret.retired", actor=actor, subject=("product", product_id), key=key_id)
        wakeups.announce("product", product_id)
    return secret


@transaction.atomic
def require(actor: Actor, vendor_id: str, product_id: str, *, is_required: bool) -> SignedProduct:
    """Whether this product's applications must sign, at every customer at once. Raises `SecretMissing`."""
    product = _locked(vendor_id, product_id)
    if is_required and not valid_of(product_id).exists():
        raise SecretMissing
    if product.is_required != is_required:
        product.is_required = is_required
        product.save(update_fields=["is_required"])
        events.record("product_signing.changed", actor=actor, subject=("product", product_id), is_required=is_required)
        wakeups.announce("product", product_id)
    return product


def is_required(*product_ids: str) -> bool:
    """Of one of these products."""
    return SignedProduct.objects.filter(product_id__in=product_ids, is_required=True).exists()


def secrets_of(*product_ids: str) -> QuerySet[ProductSecret]:
    """Retired ones too, newest first."""
    return ProductSecret.objects.filter(product_id__in=product_ids).order_by("-created_at", "id")


def valid_of(*product_ids: str) -> QuerySet[ProductSecret]:
    return secrets_of(*product_ids).filter(retired_at=None)


def signing_of(*product_ids: str) -> ProductSigning:
    """What a request for this product, or for any of these, is judged by, its secrets opened. In platform scope: whoever judges
    acts for a tenant, and tenants see none of this."""
    opened = {secret.id: unseal(secret, "sealed_secret") for secret in valid_of(*product_ids)}
    return ProductSigning(is_required=is_required(*product_ids), secrets=opened)


def _locked(vendor_id: str, product_id: str) -> SignedProduct:
    SignedProduct.objects.bulk_create(
        [SignedProduct(product_id=product_id, vendor_id=vendor_id)], ignore_conflicts=True
    )
    return SignedProduct.objects.select_for_update().get(product_id=product_id, vendor_id=vendor_id)
