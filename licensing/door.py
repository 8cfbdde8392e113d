"""What the control APIs ask of an application's key after all that binds it: the fingerprint, the application's signature, the
device's. keys/faces.py calls `prove` for every request, by the name that the settings give, since this stands above.

The rules are `applications.judging`'s, as at the plane (plane/admission.py), and what they need is asked in the same way
(guards.py); but what the tenant has decided is not remembered: each request is judged by what the database says now, and it is
asked once where nothing is guarded. A request that names a product is judged by that product's rules. One that names none reaches
all that the tenant has, so it has to satisfy those that ask most.
"""

from __future__ import annotations

from applications import judging
from applications.judging import DeviceFacts, Guards
from applications.models import NO_PRODUCT, Device, Fingerprint
from applications.nonces import Nonces, once, refuse_unless
from applications.sightings import Sightings
from applications.signing.secrets import signing_of
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.signatures import Signature
from keys.asking import Asked
from keys.restrictions import check_product
from licensing.guards import guards_here
from licensing.models import License
from tenants.context import platform

nonces = Nonces()
sightings = Sightings()


def prove(asked: Asked, limiter: Limiter) -> None:
    """In the tenant's scope. Raises `ProductNotAllowed`, `FingerprintBlocked`, `SignatureInvalid`, `DeviceRequired`,
    `DeviceNotAllowed`."""
    guards, product_id = guards_here(), _product_of(asked)
    if product_id:
        check_product(asked.key, product_id)
        _look_at_fingerprint(asked, guards, product_id, limiter)
    else:
        _look_at_fingerprint_anywhere(asked, guards, limiter)
    now = clock.now().timestamp()
    found = (_application(asked, guards, product_id, now), _device(asked, now))
    spent = [once(asked.tenant_id, signature) for signature in found if signature]
    refuse_unless(nonces.is_new(nonce.name) and limiter.take([nonce]).passed for nonce in spent)


def _product_of(asked: Asked) -> str:
    """The one product that can be reached; empty for all of them. Nothing is found where license and product contradict."""
    license_id = asked.named.get("license_id", "")
    of_license = License.objects.filter(id=license_id).values_list("product_id", flat=True) if license_id else ()
    return next(iter(of_license), "") or asked.named.get("product_id", "")


def _look_at_fingerprint(asked: Asked, guards: Guards, product_id: str, limiter: Limiter) -> None:
    value, (mode, _) = _fingerprint(asked), guards.mode_of(product_id)
    state = str(judging.UNKNOWN)
    try:
        accepted = _accepted([product_id], value) if mode == judging.BLOCK else frozenset()
        state = judging.judge_fingerprint(guards, product_id, value, accepted)
    finally:  # whoever is refused is seen too: an administrator may want to approve it
        if product_id in guards.products and judging.is_worth_learning(value, mode):
            sightings.learn(asked.tenant_id, asked.actor, (product_id, value, state, mode, _version(asked)), limiter)


def _look_at_fingerprint_anywhere(asked: Asked, guards: Guards, limiter: Limiter) -> None:
    """What no list has is learned, of no product; and what was refused, since an administrator may want to let it in so."""
    value, mode = _fingerprint(asked), guards.strictest_mode
    state, is_let_in = str(judging.UNKNOWN), False
    try:
        accepted = _accepted([*guards.blocking, NO_PRODUCT], value) if guards.blocking else frozenset[str]()
        state = judging.judge_fingerprint_anywhere(guards, value, accepted)
        is_let_in = True
    finally:
        if guards.products and judging.is_worth_learning(value, mode):
            what = (NO_PRODUCT, value, state, mode, _version(asked))
            sightings.learn(asked.tenant_id, asked.actor, what, limiter, unless_listed=is_let_in)


def _version(asked: Asked) -> str:
    return asked.headers.get("X-Lib-Version", "")


def _fingerprint(asked: Asked) -> str:
    return judging.fingerprint_in(asked.headers.get("X-App-Fingerprint", ""))


def _accepted(product_ids: list[str], value: str) -> frozenset[str]:
    """The fingerprint itself, if one of these products accepts it."""
    known = Fingerprint.objects.filter(product_id__in=product_ids, value=value, state__in=judging.ACCEPTED)
    return frozenset([value] if product_ids and known.exists() else [])


def _application(asked: Asked, guards: Guards, product_id: str, now: float) -> Signature | None:
    """By a secret of the product; of a request that names none, of one that has to sign, if there is one."""
    header = asked.headers.get("X-App-Signature", "")
    signers = {product_id} if product_id else guards.must_sign or guards.products
    if not header and not guards.must_sign & signers:
        return None
    with platform():
        signing = signing_of(*signers)
    return judging.judge_application(signing, asked.signed, header, now)


def _device(asked: Asked, now: float) -> Signature | None:
    header = asked.headers.get("X-Device-Signature", "")
    if not asked.asks_for_device or (not header and not asked.key.require_device):
        return None
    sent = signatures.read(header)
    return judging.judge_device(
        _known_device(sent.key_id) if sent else None, asked.signed, header, now,
        key_id=asked.key.id, is_required=asked.key.require_device,
    )  # fmt: skip


def _known_device(thumbprint: str) -> DeviceFacts | None:
    device = Device.objects.filter(thumbprint=thumbprint).first()
    if device is None:
        return None
    key = signatures.open_public_key(bytes(device.public_key))
    return DeviceFacts(device.thumbprint, device.state, device.key_id, key)
