"""Whom a tenant trusts to say who its machines are: an authority of ours, made when it is first needed, or the tenant's own.

Ours is a key pair for this tenant alone; its private half is sealed and opened in the process that signs. It issues for as long
as what it issues can end before it does, then a new one takes over by itself. Works in the tenant's scope. After a change every
process is told to forget what it has found certificates to be worth (web.wakeups).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from django.db import transaction
from django.db.models import QuerySet

from audit import events
from certificates import building, queries
from certificates.models import Authority
from certificates.refusals import TooManyAuthorities
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import SYSTEM, Actor
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web import wakeups
from tenants import context
from tenants.models import Tenant

LONGEST_LIFE = timedelta(days=825)  # of what it issues
MOST_AUTHORITIES = 20  # of a tenant, ours among them


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority of ours, ready to sign."""

    authority_id: str
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey = field(repr=False)


# A process signs with few keys again and again. Under what they are sealed as: who can't read that here gets none of them.
_issuers: Remembered[tuple[str, bytes], Issuer] = Remembered(most=1024, seconds=wakeups.REMEMBERED_SECONDS)


def issuer(actor: Actor = SYSTEM) -> Issuer:
    """The authority of ours that issues now; made, or made anew, if there is none that lasts long enough. In a transaction."""
    found = _issuing().first() or _make(actor)
    return opened(_succeed(actor) if found.not_after < clock.now() + LONGEST_LIFE else found)


@transaction.atomic
def rotate(actor: Actor) -> Authority:
    """A new authority of ours issues from now on. What the former ones issued counts until it ends, or until they are removed.

    Raises `TooManyAuthorities`: each is looked at whenever a certificate is judged.
    """
    if queries.authorities().count() >= MOST_AUTHORITIES:
        raise TooManyAuthorities
    return _succeed(actor)


@transaction.atomic
def remove(actor: Actor, authority_id: str) -> Authority:
    """Trust it no longer: every certificate that it, or an authority below it, has issued is refused. Raises `NotFound`."""
    authority = queries.authority_for_update(authority_id)
    authority.removed_at, authority.sealed_private_key = clock.now(), None
    authority.save(update_fields=["removed_at", "sealed_private_key"])
    events.record(
        "certificate_authority.removed",
        actor=actor,
        subject=("certificate_authority", authority.id),
        name=authority.subject,
    )
    announce_change()
    return authority


def opened(authority: Authority) -> Issuer:
    """Raises `ValueError` for an authority whose key isn't here."""
    if authority.sealed_private_key is None:
        raise ValueError("the key of this authority is not here")
    return _issuers.get((authority.id, bytes(authority.sealed_private_key)), lambda: _unsealed(authority))


def pem_of(authority: Authority) -> str:
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    return certificate.public_bytes(Encoding.PEM).decode()


def row_of(certificate: x509.Certificate, actor: Actor) -> Authority:
    """A row of an authority, still without a place."""
    der = certificate.public_bytes(Encoding.DER)
    return Authority(
        id=ids.new_id("ca"), subject=certificate.subject.rfc4514_string()[:1000], certificate=der,
        fingerprint=certificate.fingerprint(SHA256()).hex(), serial=f"{certificate.serial_number:x}", is_ours=False,
        not_before=certificate.not_valid_before_utc, not_after=certificate.not_valid_after_utc,
        created_at=clock.now(), created_by=actor.label or actor.id,
    )  # fmt: skip


def announce_change() -> None:
    """After commit: what any process remembers of this tenant's certificates is out of date."""
    wakeups.announce("certificates", context.current().tenant_id)


def company() -> str:
    """The tenant's name, as it stands in the certificates that we issue for it."""
    return Tenant.objects.values_list("company_name", flat=True).get(pk=context.current().tenant_id)


def _succeed(actor: Actor) -> Authority:
    _issuing().update(retired_at=clock.now())
    return _make(actor)


@transaction.atomic
def _make(actor: Actor) -> Authority:
    """Of two processes that make the first one at once, one is too late, and finds the other's."""
    key, certificate = building.new_authority(context.current().tenant_id, company(), clock.now())
    authority = row_of(certificate, actor)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    authority.is_ours, authority.sealed_private_key = True, seal(authority, "sealed_private_key", secret)
    Authority.objects.bulk_create([authority], ignore_conflicts=True)
    made = _issuing().get()
    if made.id == authority.id:
        subject = ("certificate_authority", made.id)
        events.record("certificate_authority.created", actor=actor, subject=subject, name=made.subject)
        announce_change()
    return made


def _issuing() -> QuerySet[Authority]:
    return queries.authorities().filter(is_ours=True, retired_at=None)


def _unsealed(authority: Authority) -> Issuer:
    key = load_der_private_key(unseal(authority, "sealed_private_key"), password=None)
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    return Issuer(authority.id, certificate, cast(EllipticCurvePrivateKey, key))
