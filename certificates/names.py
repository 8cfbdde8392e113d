"""The names in a certificate, as text that can be compared: `DNS:ws-042.mercedes.com`, `email:…`, `URI:spiffe://…`.

Host names and mail addresses are compared in lower case, a SPIFFE id (SPIFFE-ID, section 2) in lower case up to its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import NameOID

LONGEST = 2048  # of a SPIFFE id
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
DNS = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*")
EMAIL = re.compile(r"(?=.{3,254}$)[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=[a-z0-9.-]+$)[a-z0-9-]+(\.[a-z0-9-]+)+")
SPIFFE = re.compile(r"spiffe://[a-z0-9._-]{1,255}(/(?!\.{1,2}(/|$))[A-Za-z0-9._-]+)*")
SHAPES = {"DNS": DNS, "email": EMAIL, "URI": SPIFFE}
ANY_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
WRITTEN = (  # in either case, as JSON Schema says it, with the lengths that the shapes above look ahead for
    (f"[Dd][Nn][Ss]:{ANY_LABEL}([.]{ANY_LABEL})*", 257),
    ("[Ee][Mm][Aa][Ii][Ll]:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+", 260),
    (
        "[Uu][Rr][Ii]:[Ss][Pp][Ii][Ff][Ff][Ee]://[A-Za-z0-9._-]{1,255}"
        "(/([.]?[A-Za-z0-9_-][A-Za-z0-9._-]*|[.][.][A-Za-z0-9._-]+))*",
        LONGEST,
    ),
)
EXAMPLES = "DNS:ws-042.example.com, email:build@example.com, URI:spiffe://example.com/build"


class NotAName(ValueError):
    """No name that a certificate of ours may carry, or a key may be bound to."""


def tidied(text: str) -> str:
    """The name as it is compared; raises `NotAName`. Wildcards are none: a certificate is for one machine, person or workload."""
    kind, _, value = text.strip().partition(":")
    kind = next((known for known in SHAPES if known.lower() == kind.lower()), "")
    value = _with_small_authority(value) if kind == "URI" else value.lower().rstrip(".")
    if not kind or len(value) > LONGEST or not SHAPES[kind].fullmatch(value):
        raise NotAName(text)
    return f"{kind}:{value}"


def in_alternatives(found: Iterable[x509.GeneralName]) -> Iterable[str]:
    """Each subject alternative name as text, of whatever sort; those of no sort that we compare stand as they are."""
    for name in found:
        if isinstance(name, x509.DNSName):
            yield f"DNS:{name.value.lower().rstrip('.')}"
        elif isinstance(name, x509.RFC822Name):
            yield f"email:{name.value.lower()}"
        elif isinstance(name, x509.UniformResourceIdentifier):
            yield f"URI:{_with_small_authority(name.value)}"
        else:
            yield f"{type(name).__name__}:{name.value}"


def shortest(subject: str) -> str:
    """What people call the bearer of this subject (RFC 4514): its common name, or else the whole of it."""
    try:
        found = common_names(x509.Name.from_rfc4514_string(subject))
    except ValueError:  # cut, or with a sort of name that isn't known
        return subject
    return found[0] if found else subject


def as_alternative(name: str) -> x509.GeneralName:
    """The other way round, for a tidied name."""
    kind, _, value = name.partition(":")
    if kind == "DNS":
        return x509.DNSName(value)
    return x509.RFC822Name(value) if kind == "email" else x509.UniformResourceIdentifier(value)


def common_names(subject: x509.Name) -> list[str]:
    return [str(name.value) for name in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _with_small_authority(uri: str) -> str:
    """Scheme and trust domain in lower case: in them case means nothing, in the path it does."""
    parts = uri.split("/", 3)
    return "/".join([*(part.lower() for part in parts[:3]), *parts[3:]])
