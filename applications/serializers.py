"""What may be sent about applications and devices, and how they are shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from applications.models import Device, Fingerprint, ProductGuard
from cloudlicenses.kit import signatures
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Flag, Line, Text
from keys.serializers import Hostname

LONGEST_PEM = 1_000


class FingerprintAnswer(serializers.Serializer[Any]):
    """One installation of an application."""

    fingerprint_id = serializers.CharField()
    product_id = serializers.CharField()
    fingerprint = serializers.CharField(help_text="Empty: applications that send none.")
    state = serializers.ChoiceField(choices=Fingerprint.State.values)
    lib_version = serializers.CharField()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    user = serializers.CharField(help_text="Of the last time, as hostname, ip and key_id.")
    hostname = serializers.CharField()
    ip = serializers.CharField(allow_null=True)
    key_id = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()


class ModeRequest(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=ProductGuard.Mode.values)


class ModeAnswer(serializers.Serializer[Any]):
    """How a product's applications are looked at."""

    product_id = serializers.CharField()
    mode = serializers.ChoiceField(choices=ProductGuard.Mode.values)


class PublicKey(Text):
    """A public key in PEM, read into its algorithm and SubjectPublicKeyInfo."""

    default_error_messages = {"key": "Must be a public key in PEM, of Ed25519 or P-256."}

    def to_internal_value(self, data: Any) -> Any:
        try:
            return signatures.public_key_in(super().to_internal_value(data))
        except ValueError:
            self.fail("key")


class DeviceRequest(serializers.Serializer[Any]):
    name = Line(max_length=100, help_text="How its keepers will know it again.")
    public_key = PublicKey(max_length=LONGEST_PEM, help_text="PEM, Ed25519 or P-256.")
    hostname = Hostname(max_length=253, required=False, default="")
    only_this_key = Flag(required=False, default=False, help_text="Bind the device to the API key that registers it.")


class DeviceAnswer(serializers.Serializer[Any]):
    """A device and how it stands."""

    device_id = serializers.CharField()
    thumbprint = serializers.CharField(help_text="Its key id in signatures.")
    algorithm = serializers.ChoiceField(choices=[signatures.ED25519, signatures.P256])
    name = serializers.CharField()
    hostname = serializers.CharField()
    state = serializers.ChoiceField(choices=Device.State.values)
    key_id = serializers.CharField(allow_null=True, help_text="The only API key it may be used with.")
    registered_with = serializers.CharField()
    ip = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class PolicyShape(serializers.Serializer[Any]):
    approves_by_itself = Flag(help_text="Whether devices that register are approved at once.")


def shown_fingerprint(found: Fingerprint) -> dict[str, Any]:
    same = ("product_id", "state", "lib_version", "user", "hostname", "ip", "key_id", "decided_by")
    return {
        "fingerprint_id": found.id,
        "fingerprint": found.value,
        **{name: getattr(found, name) for name in same},
        **_moments(found, "first_seen_at", "last_seen_at", "decided_at"),
    }


def shown_device(found: Device) -> dict[str, Any]:
    same = ("thumbprint", "algorithm", "name", "hostname", "state", "registered_with", "ip", "decided_by")
    return {
        "device_id": found.id,
        "key_id": found.key_id or None,
        **{name: getattr(found, name) for name in same},
        **_moments(found, "created_at", "decided_at", "last_used_at"),
    }


def _moments(row: Fingerprint | Device, *names: str) -> dict[str, str | None]:
    return {name: rfc3339(value) if (value := getattr(row, name)) else None for name in names}
