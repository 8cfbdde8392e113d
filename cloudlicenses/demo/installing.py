"""The installations and workstations of a customer, as they could have come about, and what somebody decided about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from applications import devices, fingerprints
from applications.fingerprints import Sighting
from applications.models import Device, Fingerprint
from cloudlicenses.demo.certifying import WORKSTATION, WORKSTATIONS
from cloudlicenses.demo.history import FIRST_NAMES
from cloudlicenses.demo.past import Act
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from keys.models import ApiKey

WATCHED = "davinci-configurator-se"  # whose new installations are told of
Decision = Callable[[Actor, str], object]
INSTALLED = ((WATCHED, 12, "1.4.0"), ("davinci-ide", 7, "1.4.0"), ("multi-8-2", 5, "1.3.2"))  # how many, which library
BLOCKED, APPROVED = 4, (0, 1, 2, 3, 5)  # of the watched ones
STRANGER = 77
# Name, registered so many days ago, and what became of it.
DEVICES = (
    ("dev-ws-001", 62.1, "active"),
    ("dev-ws-002", 62.0, "active"),
    ("laptop-17", 58.2, "revoked"),
    ("ws-042", 39.9, "active"),
    ("dev-ws-019", 0.11, "pending"),
)


def acts(customer_id: str, person: Actor) -> Iterator[Act]:
    yield from _installations(customer_id, person)
    yield from _devices(customer_id, person)


def _installations(customer_id: str, person: Actor) -> Iterator[Act]:
    """They came while everything was observed; one was no good; then the product was watched more closely."""
    for product_id, count, version in INSTALLED:
        for number in range(count):
            yield 76.3 - number * 3, partial(_seen, customer_id, product_id, number, version)
            if (product_id, number) != (WATCHED, BLOCKED):
                yield 0.01 + number * 0.06, partial(_seen, customer_id, product_id, number, version)
    yield 31.1, lambda: fingerprints.block(person, [_id_of(customer_id, BLOCKED)])
    yield 31.0, lambda: fingerprints.approve(person, [_id_of(customer_id, number) for number in APPROVED])
    yield 30.9, lambda: fingerprints.set_mode(person, WATCHED, "alert")
    yield 0.13, lambda: _seen(customer_id, WATCHED, STRANGER, "1.4.1", state="unknown", mode="alert")


def _seen(
    customer_id: str, product_id: str, number: int, version: str, *, state: str = "learned", mode: str = "observe"
) -> None:
    key = ApiKey.objects.get(app_name=WORKSTATIONS)
    place = f"dev-ws-{number + 1:03d}.{customer_id}.example"
    value = _value(customer_id, product_id, number)
    by = Actor(
        kind="key", id=key.id, label=key.app_name, key_id=key.id, ip=f"10.20.3.{number + 11}", hostname=place, fingerprint=value
    )  # fmt: skip
    user = f"{FIRST_NAMES[number % len(FIRST_NAMES)]}@{customer_id}.example"
    fingerprints.learn([Sighting(product_id, value, state, mode, version, user, clock.now(), by)])


def _id_of(customer_id: str, number: int) -> str:
    return Fingerprint.objects.get(product_id=WATCHED, value=_value(customer_id, WATCHED, number)).id


def _value(customer_id: str, product_id: str, number: int) -> str:
    return hashlib.sha256(f"{product_id} on {number} of {customer_id}".encode()).hexdigest()


def _devices(customer_id: str, person: Actor) -> Iterator[Act]:
    for number, (name, days_ago, state) in enumerate(DEVICES):
        by = Actor(kind="key", id="", label=WORKSTATION, ip=f"10.20.3.{number + 11}")
        key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield (
            days_ago,
            partial(devices.register, by, devices.Wanted("Ed25519", key, name, f"{name}.{customer_id}.example")),
        )
        if state != "pending":
            yield days_ago - 0.04, partial(_decide, name, devices.approve, person)
            yield (17.4 if state == "revoked" else 0.02 + number * 0.05), partial(_use, name)
        if state == "revoked":
            yield 17.1, partial(_decide, name, devices.revoke, person)


def _decide(name: str, decision: Decision, person: Actor) -> None:
    decision(person, Device.objects.get(name=name).id)


def _use(name: str) -> None:
    Device.objects.filter(name=name).update(last_used_at=clock.now())
