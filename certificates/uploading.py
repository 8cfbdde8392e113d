"""A tenant's own certificate authority, taken into use: the root and, if it has them, those between it and the clients.

A proxy passes on a client's certificate alone, without those between; so those have to be here. Each one uploaded must be fit to
issue and lead to a self-signed root, by certificates in the same upload or trusted already. Works in the tenant's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import transaction

from audit import events
from certificates import authorities, queries, strength
from certificates.models import Authority
from certificates.refusals import AuthorityKnown, TooManyAuthorities
from certificates.unreadable import UNREADABLE
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop

MOST_AT_ONCE = 10
WEAK_HASHES = {"md5", "sha1"}


@transaction.atomic
def upload(actor: Actor, pem: str) -> list[Authority]:
    """Trust what these certificates have issued and will issue. Raises `InvalidInput`, `AuthorityKnown`, `TooManyAuthorities`."""
    sent = _read(pem)
    for certificate in sent:
        _refuse_unfit(certificate, clock.now())
    trusted = {authority.fingerprint: authority for authority in queries.authorities().select_for_update()}
    fresh = [each for each in sent if each.fingerprint(SHA256()).hex() not in trusted]
    if not fresh:
        raise AuthorityKnown
    if len(trusted) + len(fresh) > authorities.MOST_AUTHORITIES:
        raise TooManyAuthorities
    _refuse_broken_chains(fresh, [*sent, *(_certificate(authority) for authority in trusted.values())])
    rows = _stored([authorities.row_of(certificate, actor) for certificate in fresh])
    for row in rows:
        subject = ("certificate_authority", row.id)
        events.record("certificate_authority.uploaded", actor=actor, subject=subject, name=row.subject)
    authorities.announce_change()
    return rows


def _stored(rows: list[Authority]) -> list[Authority]:
    """Those that are new: of two uploads of the same at once, one is too late."""
    Authority.objects.bulk_create(rows, ignore_conflicts=True)
    new = set(Authority.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    if not new:
        raise AuthorityKnown
    return [row for row in rows if row.id in new]


def _read(pem: str) -> list[x509.Certificate]:
    if "PRIVATE KEY-----" in pem:
        raise _wrong(
            "private_key",
            gettext_noop("Leave the private key out: only certificates are needed, and it should never travel."),
        )
    try:
        found = x509.load_pem_x509_certificates(pem.strip().encode())
    except UNREADABLE:
        raise _wrong(
            "unreadable", gettext_noop("These are no certificates in PEM: -----BEGIN CERTIFICATE-----.")
        ) from None
    if len(found) > MOST_AT_ONCE:
        raise _wrong("too_many", Said(gettext_noop("At most %(most)s certificates at once."), most=MOST_AT_ONCE))
    return list({certificate.fingerprint(SHA256()): certificate for certificate in found}.values())


def _refuse_unfit(certificate: x509.Certificate, now: datetime) -> None:
    """By itself: an authority's, in force, with a key and a signature that are good enough."""
    try:
        name, is_authority = certificate.subject.rfc4514_string(), _may_issue(certificate)
        is_in_force = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
        is_strong = strength.key_type_of_authority(certificate.public_key()) and not _is_weak(certificate)
    except UNREADABLE:
        raise _wrong("unreadable", gettext_noop("One of these certificates can't be read whole.")) from None
    if not is_authority:
        told = gettext_noop(
            "The certificate of %(name)s is not an authority's (CA:TRUE, keyCertSign): upload the one that has issued it."
        )
        raise _wrong("not_an_authority", Said(told, name=name))
    if not is_in_force:
        told = gettext_noop("The certificate of %(name)s has expired, or is not valid yet.")
        raise _wrong("not_in_force", Said(told, name=name))
    if not is_strong:
        told = gettext_noop(
            "The certificate of %(name)s needs a key of these: %(allowed)s; and a signature with SHA-2."
        )
        raise _wrong("weak_key", Said(told, name=name, allowed=strength.ALLOWED_OF_AUTHORITIES))


def _may_issue(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        is_authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        return is_authority and extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return False


def _is_weak(certificate: x509.Certificate) -> bool:
    return certificate.signature_hash_algorithm is None or certificate.signature_hash_algorithm.name in WEAK_HASHES


def _refuse_broken_chains(fresh: Iterable[x509.Certificate], known: Sequence[x509.Certificate]) -> None:
    for certificate in fresh:
        missing = _missing_link(certificate, known)
        if missing is not None:
            told = gettext_noop(
                "Who has issued %(name)s is not known here. Add its certificate to the upload: each authority must lead to a "
                "self-signed root."
            )
            raise _wrong("chain_broken", Said(told, name=missing.subject.rfc4514_string()))


def _missing_link(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The first on the way to a root whose issuer isn't there; None when the way leads to a root."""
    seen = set()
    while not _has_issued(certificate, certificate):
        seen.add(certificate)
        above = next((each for each in known if each not in seen and _has_issued(each, certificate)), None)
        if above is None:
            return certificate
        certificate = above
    return None


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _certificate(authority: Authority) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(authority.certificate))


def _wrong(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError("certificates", code, message)])
