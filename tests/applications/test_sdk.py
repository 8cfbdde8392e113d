"""The Python SDK does its part by itself, against the real server: fingerprint, signature, this workstation's key."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cloudlicenses_client import (
    DeviceNotAllowedError,
    DeviceRequiredError,
    FingerprintBlockedError,
    LicenseClient,
    SignatureInvalidError,
)
from django.conf import settings

from applications import devices, fingerprints
from applications.models import Device, Fingerprint
from keys.models import ApiKey
from licensing.models import License
from tenants.context import inside
from tests import builders, cast, servers
from tests.applications.conftest import becomes
from tests.applications.signers import BySecret, Client

ALICE = "alice@mercedes.example"
Make = Callable[..., LicenseClient]


@pytest.fixture
def make(client: Client, tmp_path: Path) -> Iterator[Make]:
    """A server of its own: one that outlives tests signs leases with a key that they have taken away."""
    made: list[LicenseClient] = []

    def new(**options: str) -> LicenseClient:
        url = f"http://mercedes.{settings.BASE_HOST}:{own.port}"
        places = {"cache_dir": tmp_path / "cache", "config_dir": tmp_path / "config"}
        made.append(LicenseClient(url, client.key, cast.DAVINCI.id, hostname="dev-ws-042", **places, **options))
        return made[-1]

    with servers.running() as own:
        yield new
        for each in made:
            each.close()


def test_its_fingerprint_is_learned(make: Make) -> None:
    with make().checkout(ALICE):
        pass

    def learned() -> list[str]:
        with inside("mercedes"):
            return list(Fingerprint.objects.filter(hostname="dev-ws-042").values_list("state", flat=True))

    assert becomes(learned, ["learned"]) == ["learned"]


def test_it_signs_with_the_secret_of_its_build(make: Make, secret: BySecret) -> None:
    with pytest.raises(SignatureInvalidError):
        make().checkout(ALICE)
    client = make(application_secret=secret.text)
    for _ in range(2):
        with client.checkout(ALICE) as lease:
            assert lease.id.startswith("lease-")


def test_all_that_it_asks_is_signed_and_carries_its_fingerprint(make: Make, secret: BySecret) -> None:
    with inside("mercedes"):
        License.objects.update(features=["can_editor"])
    asks: list[Callable[[LicenseClient], object]] = [
        lambda client: client.validate_feature("can_editor").valid,
        lambda client: client.track_usage("can_editor").startswith("use-"),
        lambda client: len(client.licenses()) == 1,
    ]
    thief, client = make(), make(application_secret=secret.text)
    for ask in asks:
        with pytest.raises(SignatureInvalidError):
            ask(thief)
        assert ask(client) is True
    with inside("mercedes"):
        (installation,) = Fingerprint.objects.filter(hostname="dev-ws-042", state="learned")
        fingerprints.block(builders.actor(), [installation.id])
    for ask in asks:
        with pytest.raises(FingerprintBlockedError):
            ask(client)


def test_it_registers_this_workstation_when_its_key_asks_for_one(make: Make, tmp_path: Path) -> None:
    with inside("mercedes"):
        ApiKey.objects.update(require_device=True)
    with pytest.raises(DeviceRequiredError):
        make().checkout(ALICE)
    (file,) = (tmp_path / "config" / "devices").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with inside("mercedes"):
        device = Device.objects.get()
        assert (device.state, device.hostname) == ("pending", "dev-ws-042")
        devices.approve(builders.actor(), device.id)

    def takes_a_seat() -> str:
        try:
            with make().checkout(ALICE):
                return "yes"
        except DeviceNotAllowedError:
            return "not yet"

    assert becomes(takes_a_seat, "yes") == "yes"
    with inside("mercedes"):
        devices.revoke(builders.actor(), device.id)
        assert Device.objects.count() == 1
