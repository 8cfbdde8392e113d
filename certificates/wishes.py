"""A certificate signing request (PKCS #10) read: who asks for which names. Whatever else it asks for is left out.

The signature proves that whoever asks holds the private key. Names are taken only of the sorts that a key can be bound to.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from certificates import names, strength
from certificates.unreadable import UNREADABLE
from cloudlicenses.kit.lines import ONE_BARRED
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop

MOST_NAMES = 20
LONGEST_COMMON_NAME = 64  # bytes in UTF-8: RFC 5280 counts characters, cryptography doesn't


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request may get: one common name or none, and other names, each as certificates.names writes it."""

    public_key: strength.PublicKey
    key_type: str
    common_name: str
    names: tuple[str, ...]


def read(pem: str) -> Wish:
    """Raises `InvalidInput`, which names the one thing to be mended."""
    try:
        request = x509.load_pem_x509_csr(pem.strip().encode())
        return _checked(request)
    except UNREADABLE:
        raise _wrong(
            "unreadable",
            gettext_noop("This is no certificate signing request in PEM: -----BEGIN CERTIFICATE REQUEST-----."),
        ) from None


def _checked(request: x509.CertificateSigningRequest) -> Wish:
    key = request.public_key()
    kind = strength.key_type(key)
    if not kind or not isinstance(key, strength.PublicKey):
        raise _wrong("weak_key", Said(gettext_noop("The key must be %(allowed)s."), allowed=strength.ALLOWED))
    if not request.is_signature_valid:
        raise _wrong("bad_signature", gettext_noop("The request is not signed with the private key of its public key."))
    wish = Wish(key, kind, _common_name(request), _names(request))
    if not wish.common_name and not wish.names:
        raise _wrong(
            "no_name",
            Said(gettext_noop("Ask for a common name, or for another name: %(examples)s."), examples=names.EXAMPLES),
        )
    return wish


def _common_name(request: x509.CertificateSigningRequest) -> str:
    found = names.common_names(request.subject)
    if len(found) > 1:
        raise _wrong("several_names", gettext_noop("Ask for one common name."))
    text = found[0].strip() if found else ""
    if len(text.encode()) > LONGEST_COMMON_NAME or ONE_BARRED.search(text):
        told = gettext_noop(
            "A common name has at most 64 characters (bytes in UTF-8), none of them a control character."
        )
        raise _wrong("bad_name", told)
    return text


def _names(request: x509.CertificateSigningRequest) -> tuple[str, ...]:
    try:
        asked = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    if len(asked) > MOST_NAMES:
        raise _wrong(
            "too_many_names", Said(gettext_noop("A certificate carries at most %(most)s names."), most=MOST_NAMES)
        )
    return tuple(dict.fromkeys(_name(text) for text in names.in_alternatives(asked)))


def _name(text: str) -> str:
    try:
        return names.tidied(text)
    except names.NotAName:
        told = Said(
            gettext_noop(
                "This name can't be had: %(name)s. Host names without wildcards, mail addresses and SPIFFE ids can."
            ),
            name=repr(text[:100]),
        )
        raise _wrong("bad_name", told) from None


def _wrong(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError("csr", code, message)])
