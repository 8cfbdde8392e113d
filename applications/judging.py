"""May this application, on this device, use the key? The rules alone: what is known of them is handed in, and nothing is written.

The order is the API's: the fingerprint, the application's signature, the device's. Of a signature its nonce matters afterwards: the
caller sees to it that it never passes again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from applications.models import NO_PRODUCT, Device, Fingerprint, ProductGuard
from applications.refusals import DeviceNotAllowed, DeviceRequired, FingerprintBlocked, SignatureInvalid
from cloudlicenses.kit import signatures
from cloudlicenses.kit.signatures import PublicKey, Signature, Signed

SHAPE = re.compile(r"[\x21-\x7e]{1,128}")
ACCEPTED = (Fingerprint.State.LEARNED, Fingerprint.State.KNOWN)
OBSERVE, BLOCK, UNKNOWN = ProductGuard.Mode.OBSERVE, ProductGuard.Mode.BLOCK, Fingerprint.State.UNKNOWN
BY_STRICTNESS = ProductGuard.Mode.values
AS_USUAL = (OBSERVE.value, 0)
NOT_YET = "This application is not approved here yet. Ask your license administrator."


@dataclass(frozen=True, slots=True)
class Guards:
    """What a tenant has decided about its applications, and which of its products have to sign."""

    modes: Mapping[str, tuple[str, int]]  # of a product: its mode and revision
    blocked: frozenset[tuple[str, str]]  # product and fingerprint
    must_sign: frozenset[str]
    products: frozenset[str] = frozenset()  # that the tenant has licenses of

    @property
    def are_strict(self) -> bool:
        """Whether anything could be refused at all, so that it matters which product a lease is of."""
        return bool(self.blocked or self.must_sign) or any(mode == BLOCK for mode, _ in self.modes.values())

    @property
    def blocking(self) -> list[str]:
        """The products, of those licensed, to which nothing new comes in."""
        return sorted(product_id for product_id in self.products if self.mode_of(product_id)[0] == BLOCK)

    @property
    def strictest_mode(self) -> str:
        """Of the products licensed: what a request has to satisfy that reaches all of them."""
        return max(
            (self.mode_of(product_id)[0] for product_id in self.products), key=BY_STRICTNESS.index, default=OBSERVE
        )

    def mode_of(self, product_id: str) -> tuple[str, int]:
        return self.modes.get(product_id, AS_USUAL)


@dataclass(frozen=True, slots=True)
class ProductSigning:
    """Of one product: must it sign, and with which of these secrets?"""

    is_required: bool = False
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    thumbprint: str
    state: str
    key_id: str
    public_key: PublicKey


def fingerprint_in(header: str) -> str:
    """What an application says of itself; empty for nothing, and for what can't be one."""
    text = header.strip()
    return text if SHAPE.fullmatch(text) else ""


def judge_fingerprint(guards: Guards, product_id: str, value: str, accepted: Collection[str]) -> str:
    """The state a new fingerprint gets. `accepted` matters in the mode `block` alone. Raises `FingerprintBlocked`."""
    if (product_id, value) in guards.blocked:
        raise FingerprintBlocked
    mode, _ = guards.mode_of(product_id)
    if mode == BLOCK and value not in accepted:
        raise FingerprintBlocked(NOT_YET)
    return Fingerprint.State.LEARNED if mode == OBSERVE else UNKNOWN


def judge_fingerprint_anywhere(guards: Guards, value: str, accepted: Collection[str]) -> str:
    """Of a request that names no product and so reaches all: what one of them has blocked is refused; where some block what is new,
    one of these has to accept it, or somebody has approved it for such requests, and `accepted` holds these. The state that a
    new one gets; raises `FingerprintBlocked`."""
    if any((product_id, value) in guards.blocked for product_id in (*guards.products, NO_PRODUCT)):
        raise FingerprintBlocked
    if guards.blocking and value not in accepted:
        raise FingerprintBlocked(NOT_YET)
    return Fingerprint.State.LEARNED if guards.strictest_mode == OBSERVE else UNKNOWN


def is_worth_learning(value: str, mode: str) -> bool:
    """An application that says nothing of itself counts as one, but not while all is only observed."""
    return bool(value) or mode != OBSERVE


def judge_application(signing: ProductSigning, signed: Signed, header: str, now: float) -> Signature | None:
    """The signature, when there is one or has to be; raises `SignatureInvalid`. A product without secrets can't be signed for, so
    what is sent for one is not looked at."""
    if not header or not signing.secrets:
        if signing.is_required:
            raise SignatureInvalid("Applications of this product sign their requests: X-App-Signature is missing.")
        return None
    signature = _recent(header, now)
    secret = signing.secrets.get(signature.key_id)
    if secret is None or not signatures.is_by_secret(signed, signature, secret):
        raise SignatureInvalid
    return signature


def judge_device(
    device: DeviceFacts | None, signed: Signed, header: str, now: float, *, key_id: str, is_required: bool
) -> Signature | None:
    """The signature, when there is one or has to be. Raises `DeviceRequired`, `SignatureInvalid`, `DeviceNotAllowed`."""
    if not header:
        if is_required:
            raise DeviceRequired
        return None
    signature = _recent(header, now)
    if device is None or device.thumbprint != signature.key_id:
        raise DeviceNotAllowed("This device is not registered here.")
    if not signatures.is_by_key(signed, signature, device.public_key):
        raise SignatureInvalid
    if device.state == Device.State.REVOKED or (device.state == Device.State.PENDING and is_required):
        raise DeviceNotAllowed
    if device.key_id and device.key_id != key_id:
        raise DeviceNotAllowed("This device may be used with another key only.")
    return signature


def _recent(header: str, now: float) -> Signature:
    signature = signatures.read(header)
    if signature is None:
        raise SignatureInvalid("The signature has not the shape of one.")
    if not signature.is_recent(now):
        raise SignatureInvalid(
            "The signature is too old, or from the future: it must be made within 60 seconds. Check this machine's clock."
        )
    return signature
