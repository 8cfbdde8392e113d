"""Devices: a workstation registers its public key; an administrator approves it (or the tenant does so by itself), or revokes it.

In the tenant's scope. A decision reaches every process within a second (web.wakeups); a revocation is for good.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from applications import queries
from applications.models import Device, DevicePolicy
from applications.refusals import DeviceRevoked, TooManyDevices
from audit import events
from cloudlicenses.kit import clock, ids, signatures
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web import wakeups

MOST_PENDING = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a workstation says of itself. `public_key`: SubjectPublicKeyInfo; `key_id`: the only API key it is to be used with."""

    algorithm: str
    public_key: bytes
    name: str
    hostname: str = ""
    key_id: str = ""


@transaction.atomic
def register(actor: Actor, wanted: Wanted) -> tuple[Device, bool]:
    """The device, and whether it is new: registering again changes nothing and says how it stands. The caller has seen it sign.

    Raises `DeviceRevoked`, `TooManyDevices`.
    """
    thumbprint = signatures.key_id(wanted.public_key)
    known = Device.objects.filter(thumbprint=thumbprint).first()
    if known is None:
        device = _new(actor, wanted, thumbprint)
        try:
            with transaction.atomic():
                device.save(force_insert=True)
        except IntegrityError:  # another call of the same device was faster
            known = Device.objects.get(thumbprint=thumbprint)
        else:
            _record(actor, "device.registered", device)
            wakeups.announce("device", _name(device))
            return device, True
    if known.state == Device.State.REVOKED:
        raise DeviceRevoked
    return known, False


@transaction.atomic
def approve(actor: Actor, device_id: str) -> Device:
    """It may be used from now on. Raises `NotFound`, `DeviceRevoked`."""
    device = queries.device_for_update(device_id)
    if device.state == Device.State.REVOKED:
        raise DeviceRevoked
    if device.state != Device.State.ACTIVE:
        _decide(actor, device, Device.State.ACTIVE, "device.approved")
    return device


@transaction.atomic
def revoke(actor: Actor, device_id: str) -> Device:
    """It is refused from now on, for good; revoking twice changes nothing. Raises `NotFound`."""
    device = queries.device_for_update(device_id)
    if device.state != Device.State.REVOKED:
        _decide(actor, device, Device.State.REVOKED, "device.revoked")
    return device


@transaction.atomic
def set_policy(actor: Actor, *, approves_by_itself: bool) -> None:
    """Whether devices that register are approved at once. Those that wait go on waiting."""
    policy, _ = DevicePolicy.objects.select_for_update().get_or_create(pk=1)
    if policy.approves_by_itself != approves_by_itself:
        policy.approves_by_itself = approves_by_itself
        policy.save(update_fields=["approves_by_itself"])
        events.record("device_policy.changed", actor=actor, approves_by_itself=approves_by_itself)


def _new(actor: Actor, wanted: Wanted, thumbprint: str) -> Device:
    is_approved = queries.approves_devices_by_itself()
    if not is_approved and Device.objects.filter(state=Device.State.PENDING).count() >= MOST_PENDING:
        raise TooManyDevices
    now = clock.now()
    return Device(
        id=ids.new_id("dev"), thumbprint=thumbprint, algorithm=wanted.algorithm, public_key=wanted.public_key, name=wanted.name,
        hostname=wanted.hostname, key_id=wanted.key_id, state=Device.State.ACTIVE if is_approved else Device.State.PENDING,
        registered_with=actor.key_id, ip=actor.ip or None, created_at=now, decided_at=now if is_approved else None,
    )  # fmt: skip


def _decide(actor: Actor, device: Device, state: str, event: str) -> None:
    device.state, device.decided_at, device.decided_by = state, clock.now(), actor.label or actor.id
    device.save(update_fields=["state", "decided_at", "decided_by"])
    _record(actor, event, device)
    wakeups.announce("device", _name(device))


def _record(actor: Actor, event: str, device: Device) -> None:
    events.record(
        event, actor=actor, subject=("device", device.id), name=device.name, host=device.hostname,
        thumbprint=device.thumbprint, state=device.state,
    )  # fmt: skip


def _name(device: Device) -> str:
    return f"{queries.tenant_id()}:{device.thumbprint}"
