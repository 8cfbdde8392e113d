"""Revocation lists (CRL, RFC 5280, section 5): ours, signed anew whenever one is asked for; and those of a tenant's own authority,
read and kept, so that what it has revoked is refused here too."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from audit import events
from certificates import authorities, queries, strength
from certificates.issuing import REASONS
from certificates.models import Authority, Certificate
from certificates.refusals import RevocationListTooOld
from certificates.unreadable import UNREADABLE
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound, gettext_noop

DUE_AFTER = timedelta(days=1)
LISTED_AFTER_EXPIRY = timedelta(days=1)
LONGEST_LIST = 250_000  # characters of PEM: some five thousand entries


def signed_list(authority_id: str) -> bytes:
    """The revocation list of an authority of ours, DER. Raises `NotFound`, for an authority of the tenant's own too."""
    authority = queries.authority_for(authority_id)
    if not authority.is_ours:
        raise NotFound("This authority publishes its revocation list itself.")
    issuer, now = authorities.opened(authority), clock.now()
    revoked = authority.certificates.filter(revoked_at__isnull=False, not_after__gt=now - LISTED_AFTER_EXPIRY)
    entries = [_entry(one) for one in revoked.only("serial", "revoked_at", "revocation_reason").order_by("revoked_at")]
    builder = (  # entries added one by one would each copy those before
        x509.CertificateRevocationListBuilder(issuer.certificate.subject, now, now + DUE_AFTER, [], entries)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1_000_000)), critical=False)
    )
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


@transaction.atomic
def take_list(actor: Actor, authority_id: str, sent: bytes) -> Authority:
    """From now on refuse what this list of the tenant's own authority names; it replaces the former one. PEM or DER.

    Raises `NotFound`, `InvalidInput`, `RevocationListTooOld`.
    """
    authority = queries.authority_for_update(authority_id)
    if authority.is_ours:
        raise NotFound("This authority is ours: it knows what was revoked.")
    found = _read(sent, authority)
    if authority.crl_issued_at and found.last_update_utc < authority.crl_issued_at:
        raise RevocationListTooOld
    authority.revoked_serials = [f"{entry.serial_number:x}" for entry in found]
    authority.crl_issued_at, authority.crl_due_at = found.last_update_utc, found.next_update_utc
    authority.save(update_fields=["revoked_serials", "crl_issued_at", "crl_due_at"])
    subject, count = ("certificate_authority", authority.id), len(authority.revoked_serials)
    events.record("certificate_authority.list_uploaded", actor=actor, subject=subject, revoked=count)
    authorities.announce_change()
    return authority


def _entry(certificate: Certificate) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(int(certificate.serial, 16), certificate.revoked_at)
    if certificate.revocation_reason != "unspecified":  # which, says RFC 5280, is better left out
        flag = x509.ReasonFlags(REASONS[certificate.revocation_reason])
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()


def _read(sent: bytes, authority: Authority) -> x509.CertificateRevocationList:
    try:
        is_pem = sent.lstrip().startswith(b"-----BEGIN")
        found = (x509.load_pem_x509_crl if is_pem else x509.load_der_x509_crl)(sent)
        key = x509.load_der_x509_certificate(bytes(authority.certificate)).public_key()
        is_its_own = isinstance(key, strength.KEYS_OF_AUTHORITIES) and found.is_signature_valid(key)
        is_whole = _is_whole(found.extensions)
    except UNREADABLE:
        raise _wrong("unreadable", gettext_noop("This is no certificate revocation list, in PEM or DER.")) from None
    if not is_its_own:
        raise _wrong("bad_signature", gettext_noop("This authority has not signed that list."))
    if not is_whole:
        raise _wrong(
            "partial",
            gettext_noop("This list holds only some of what is revoked. Upload the whole list (the base CRL)."),
        )
    if found.last_update_utc > clock.now() + timedelta(minutes=5):
        raise _wrong("not_in_force", gettext_noop("This list is of a day to come."))
    return found


def _is_whole(extensions: x509.Extensions) -> bool:
    """A part would take the place of the whole list, and what it leaves out would be trusted again (RFC 5280, 5.2.4 and 5.2.5)."""
    for one in extensions:
        if isinstance(one.value, x509.DeltaCRLIndicator):
            return False
        if isinstance(one.value, x509.IssuingDistributionPoint) and _is_narrowed(one.value):
            return False
    return True


def _is_narrowed(point: x509.IssuingDistributionPoint) -> bool:
    """One for clients alone will do; one that others have a part in is none of this authority's."""
    only = point.only_contains_ca_certs or point.only_contains_attribute_certs or point.only_some_reasons
    return bool(only or point.indirect_crl)


def _wrong(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError("crl", code, message)])
