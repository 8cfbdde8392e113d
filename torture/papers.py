"""What an application shows beside its key: fingerprint, its vendor's signature, its device's, the machine's certificate.

    bare ──▶ nothing     signing ──▶ fingerprint, its vendor's signature     sealed ──▶ these, certificate, its device's signature

And what thieves show, who have a key and lack something else: none of them is ever let in, whatever is away or half dead.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from cloudlicenses.kit import signatures
from cloudlicenses.kit.signatures import Signed

GUARDED = "planner"  # this product's applications sign, and new ones are not let in


@dataclass(frozen=True, slots=True)
class Papers:
    """`headers` are those of one attempt: each is signed anew."""

    host: str
    key: str
    fingerprint: str = ""
    secret: str = field(default="", repr=False)
    certificate: str = ""
    device: Ed25519PrivateKey | None = field(default=None, repr=False)
    alters: bool = False  # the body, after it was signed

    @property
    def may_use_guarded(self) -> bool:
        return bool(self.fingerprint and self.secret)

    def headers(self, path: str, content: bytes) -> dict[str, str]:
        said = {"Host": self.host, "Authorization": f"Bearer {self.key}", "X-App-Fingerprint": self.fingerprint}
        said["X-Client-Cert"] = self.certificate
        signed = Signed("POST", self.host, path, content + b" " if self.alters else content)
        if self.secret:
            said["X-App-Signature"] = _by_secret(signed, self.secret)
        if self.device:
            said["X-Device-Signature"] = _by_device(signed, self.device)
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Theft:
    """What a thief shows, and the only answer to it."""

    kind: str
    papers: Papers
    answer: str


def of_client(number: int, site: Mapping[str, str]) -> Papers:
    """A third of the clients each, by their number at their customer."""
    bare = Papers(site["host"], site["key"])
    signing = replace(bare, fingerprint=site["fingerprint"], secret=site["secret"])
    return (bare, signing, _sealed(signing, site))[number % 3]


def thefts(site: Mapping[str, str], elsewhere: Mapping[str, str]) -> list[Theft]:
    """At `site`, with keys that are good there. `elsewhere`: another customer, or the same where there is one only."""
    return list(_thefts(_sealed(of_client(1, site), site), elsewhere["certificate"]))


def _sealed(signing: Papers, site: Mapping[str, str]) -> Papers:
    device = load_pem_private_key(site["device"].encode(), None)
    if not isinstance(device, Ed25519PrivateKey):
        raise TypeError("A device of this house has a key of Ed25519.")
    return replace(signing, key=site["sealed_key"], certificate=site["certificate"], device=device)


def _thefts(good: Papers, foreign: str) -> Iterator[Theft]:
    yield Theft("without a signature", replace(good, secret=""), "403 signature_invalid")
    yield Theft("altered after it was signed", replace(good, alters=True), "403 signature_invalid")
    yield Theft("signed with another secret", replace(good, secret=good.secret[::-1]), "403 signature_invalid")
    yield Theft("from an unknown program", replace(good, fingerprint="sha256:somebody"), "403 fingerprint_blocked")
    yield Theft("without a certificate", replace(good, certificate=""), "403 client_certificate_required")
    yield Theft("without its device", replace(good, device=None), "403 device_required")
    yield Theft("from a strange device", replace(good, device=Ed25519PrivateKey.generate()), "403 device_not_allowed")
    if foreign != good.certificate:
        yield Theft("with another's certificate", replace(good, certificate=foreign), "403 client_certificate_rejected")


def _by_secret(signed: Signed, secret: str) -> str:
    key_id, moment, nonce = signatures.secret_id(secret), int(time.time()), secrets.token_urlsafe(16)
    value = hmac.digest(secret.encode(), signed.canonical(key_id, moment, nonce), "sha256")
    return signatures.written(key_id, moment, nonce, value)


def _by_device(signed: Signed, device: Ed25519PrivateKey) -> str:
    der = device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id, moment, nonce = signatures.key_id(der), int(time.time()), secrets.token_urlsafe(16)
    return signatures.written(key_id, moment, nonce, device.sign(signed.canonical(key_id, moment, nonce)))
