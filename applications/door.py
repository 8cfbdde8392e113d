"""What the control APIs ask of a key that only a registered device may use, after everything else that binds it.

keys/faces.py calls it by the name that the settings give, since this stands above. The plane asks the same from what it remembers
(licensing/plane/admission.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from applications.judging import DeviceFacts, judge_device
from applications.models import Device
from applications.refusals import SignatureInvalid
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit
from cloudlicenses.kit.signatures import Signature, Signed
from keys.recognising import KeyFacts

# Made by a clock that is ahead, a signature is recent for twice the window.
NONCES_KEPT_SECONDS = 2 * signatures.WINDOW_SECONDS + 5


def prove(
    tenant_id: str, key: KeyFacts, read: Callable[[], Signed], headers: Mapping[str, str], limiter: Limiter
) -> None:
    """In the tenant's scope; `read` gives what is to be signed. Raises `DeviceRequired`, `SignatureInvalid`, `DeviceNotAllowed`."""
    header = headers.get("X-Device-Signature", "")
    if not header and not key.require_device:
        return
    sent = signatures.read(header)
    signature = judge_device(
        _device(sent.key_id) if sent else None, read(), header, clock.now().timestamp(),
        key_id=key.id, is_required=key.require_device,
    )  # fmt: skip
    if signature and not limiter.take([once(tenant_id, signature)]).passed:
        raise SignatureInvalid("This signed request came before.")


def once(tenant_id: str, signature: Signature) -> Limit:
    """What a nonce is spent as: a limit of one."""
    return Limit(f"nonce:{tenant_id}:{signature.key_id}:{signature.nonce}", 1, NONCES_KEPT_SECONDS)


def _device(thumbprint: str) -> DeviceFacts | None:
    device = Device.objects.filter(thumbprint=thumbprint).first()
    if device is None:
        return None
    key = signatures.open_public_key(bytes(device.public_key))
    return DeviceFacts(device.thumbprint, device.state, device.key_id, key)
