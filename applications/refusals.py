"""What refuses an application or a device, and what they and their keepers hear."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class FingerprintBlocked(Refusal):
    kind = Kind.FORBIDDEN
    code = "fingerprint_blocked"
    title = gettext_noop("This application is not approved here. Ask your license administrator.")


class SignatureInvalid(Refusal):
    kind = Kind.FORBIDDEN
    code = "signature_invalid"
    title = gettext_noop("The request is not signed as it has to be.")


class DeviceRequired(Refusal):
    kind = Kind.FORBIDDEN
    code = "device_required"
    title = gettext_noop("This key must be used from a registered device, which signs its requests.")


class DeviceNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "device_not_allowed"
    title = gettext_noop("This device is not approved here. Ask your license administrator.")


class DeviceRevoked(Refusal):
    kind = Kind.CONFLICT
    code = "device_revoked"
    title = gettext_noop("This device was revoked for good. Register it with a new key.")


class TooManyDevices(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_devices"
    title = gettext_noop("Too many devices wait for approval. Ask your license administrator.")


class TwoSecretsValid(Refusal):
    kind = Kind.CONFLICT
    code = "two_secrets_valid"
    title = gettext_noop("Two secrets of this product are valid already. Retire one first.")


class LastSecretNeeded(Refusal):
    kind = Kind.CONFLICT
    code = "last_secret_needed"
    title = gettext_noop(
        "Applications of this product must sign, and this is their last valid secret. Generate another first, or require"
        " no signature."
    )


class SecretMissing(Refusal):
    kind = Kind.CONFLICT
    code = "secret_missing"
    title = gettext_noop("This product has no valid secret to sign with. Generate one first.")
