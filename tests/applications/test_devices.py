"""Devices: a workstation registers a key, signs with it, and is out within a second when it is revoked."""

from __future__ import annotations

import msgspec
import pytest

from applications import devices
from applications.models import Device
from audit.models import AuditEntry
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.applications.conftest import becomes
from tests.applications.signers import ByKey, Client, code, header, p256
from tests.licensing.workstations import CHECKOUT

DEVICES = "/api/v1/devices"


@pytest.fixture
def bound(client: Client) -> Client:
    """Its key may be used from registered devices only."""
    with inside("mercedes"):
        ApiKey.objects.update(require_device=True)
    return client


def register(client: Client, device: ByKey, **more: object) -> tuple[int, dict[str, str]]:
    body = msgspec.json.encode({"name": "dev-ws-042", "public_key": device.pem} | more)
    headers = {"X-Device-Signature": header(device, client.server.host_of("mercedes"), DEVICES, body)}
    answer = client.send(DEVICES, body, headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("make", [ByKey, p256])
def test_from_registration_to_revocation(bound: Client, make: type[ByKey]) -> None:
    device = make()
    assert code(bound.check_out()) == "device_required"
    status, registered = register(bound, device)
    assert (status, registered["state"], registered["thumbprint"]) == (201, "pending", device.key_id)
    bound.device = device
    assert code(bound.check_out()) == "device_not_allowed"
    with inside("mercedes"):
        devices.approve(builders.actor(), registered["device_id"])
    assert becomes(lambda: code(bound.check_out()), "201") == "201"
    assert register(bound, device)[0] == 200
    with inside("mercedes"):
        devices.revoke(builders.actor(), registered["device_id"])
    assert becomes(lambda: code(bound.check_out()), "device_not_allowed") == "device_not_allowed"
    assert register(bound, device)[1]["code"] == "device_revoked"
    with inside("mercedes"):
        told = list(
            AuditEntry.objects.filter(event__startswith="device.").order_by("id").values_list("event", flat=True)
        )
    assert told == ["device.registered", "device.approved", "device.revoked"]


def test_a_tenant_may_let_devices_in_by_itself(bound: Client) -> None:
    with inside("mercedes"):
        devices.set_policy(builders.actor(), approves_by_itself=True)
    bound.device = ByKey()
    assert register(bound, bound.device)[1]["state"] == "active"
    assert code(bound.check_out()) == "201"


def test_who_registers_a_key_has_to_hold_it(bound: Client) -> None:
    mine, theirs = ByKey(), ByKey()
    body = msgspec.json.encode({"name": "thief", "public_key": theirs.pem})
    signed = header(mine, bound.server.host_of("mercedes"), DEVICES, body)
    assert code(bound.send(DEVICES, body, {"X-Device-Signature": signed})) == "signature_invalid"
    assert code(bound.send(DEVICES, body, {})) == "signature_invalid"
    with inside("mercedes"):
        assert not Device.objects.exists()


def test_only_ed25519_and_p256(bound: Client) -> None:
    for pem in ("nonsense", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        assert code(bound.send(DEVICES, msgspec.json.encode({"name": "x", "public_key": pem}), {})) == "invalid_input"


def test_another_devices_signature_and_a_replayed_one(bound: Client) -> None:
    with inside("mercedes"):
        devices.set_policy(builders.actor(), approves_by_itself=True)
    bound.device = ByKey()
    register(bound, bound.device)
    body = msgspec.json.encode({"product_id": "davinci-configurator-se", "user": "alice"})
    headers = bound.headers(CHECKOUT, body)
    assert [code(bound.send(CHECKOUT, body, headers)) for _ in range(2)] == ["201", "signature_invalid"]
    assert code(bound.send(CHECKOUT, body.replace(b"alice", b"mallo"), headers)) == "signature_invalid"
    bound.device = ByKey()
    assert code(bound.check_out()) == "device_not_allowed"


def test_a_device_may_be_bound_to_one_key(bound: Client) -> None:
    with inside("mercedes"):
        devices.set_policy(builders.actor(), approves_by_itself=True)
        other = builders.tenant_key()
    bound.device = ByKey()
    assert register(bound, bound.device, only_this_key=True)[0] == 201
    assert code(bound.check_out()) == "201"
    elsewhere = Client(bound.server, other, device=bound.device)
    assert code(elsewhere.check_out()) == "device_not_allowed"


def test_the_control_api_asks_for_the_device_too(bound: Client) -> None:
    with inside("mercedes"):
        devices.set_policy(builders.actor(), approves_by_itself=True)
    device, path = ByKey(), "/api/v1/licenses?limit=5"
    register(bound, device)
    host = bound.server.host_of("mercedes")

    def ask(**headers: str) -> str:
        return code(bound.server.ask("GET", path, label="mercedes", key=bound.key, **headers))

    signed = header(device, host, path, b"", method="GET")
    assert [ask(), ask(x_device_signature=signed), ask(x_device_signature=signed)] == [
        "device_required", "200", "signature_invalid",
    ]  # fmt: skip
