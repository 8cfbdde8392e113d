"""One class for each refusal code of the API; `_errors.py` draws the whole tree.

`for_code` ties a class to the server's code. Codes are never renamed, so neither are these classes.
"""

from __future__ import annotations

from ._errors import RefusedError


class BadRequestError(RefusedError):
    """What was sent is malformed (400, 413, 415, 422)."""


class InvalidInputError(BadRequestError):
    """Some fields are missing or wrong; `facts["errors"]` names them."""

    for_code = "invalid_input"


class IdempotencyConflictError(BadRequestError):
    """The idempotency key was used before with another body."""

    for_code = "idempotency_conflict"


class PaymentDueError(RefusedError):
    """The tenant's subscription is unpaid (402)."""


class AuthenticationError(RefusedError):
    """The key is not accepted (401)."""


class ApiKeyMissingError(AuthenticationError):
    """No key was sent."""

    for_code = "key_missing"


class ApiKeyInvalidError(AuthenticationError):
    """The server doesn't know this key."""

    for_code = "key_invalid"


class ApiKeyExpiredError(AuthenticationError):
    """The key's time is over: generate a new one."""

    for_code = "key_expired"


class ApiKeyRevokedError(AuthenticationError):
    """The key was revoked by an administrator."""

    for_code = "key_revoked"


class PermissionDeniedError(RefusedError):
    """The key is known, but may not do this, or not from here (403)."""


class WrongTenantError(PermissionDeniedError):
    """The key belongs to another tenant than the server URL."""

    for_code = "wrong_tenant"


class ScopeMissingError(PermissionDeniedError):
    """The key lacks the scope for this call."""

    for_code = "scope_missing"


class IpNotAllowedError(PermissionDeniedError):
    """The key may not be used from this network."""

    for_code = "ip_not_allowed"


class HostnameNotAllowedError(PermissionDeniedError):
    """The key is bound to other hosts than this one."""

    for_code = "hostname_not_allowed"


class ClientCertificateRequiredError(PermissionDeniedError):
    """The key works only with a client certificate (`cert=`)."""

    for_code = "client_certificate_required"


class ClientCertificateRejectedError(PermissionDeniedError):
    """The client certificate is not the one this key expects."""

    for_code = "client_certificate_rejected"


class FingerprintBlockedError(PermissionDeniedError):
    """This application's fingerprint is blocked."""

    for_code = "fingerprint_blocked"


class SignatureInvalidError(PermissionDeniedError):
    """The request's signature is missing or wrong."""

    for_code = "signature_invalid"


class DeviceRequiredError(PermissionDeniedError):
    """The key works only from a registered device, and this one could not be registered."""

    for_code = "device_required"


class DeviceNotAllowedError(PermissionDeniedError):
    """This workstation waits for an administrator's approval, or was revoked."""

    for_code = "device_not_allowed"


class ProductNotAllowedError(PermissionDeniedError):
    """The key is restricted to other products."""

    for_code = "product_not_allowed"


class RoleNotAllowedError(PermissionDeniedError):
    """The personal token's user has a role that may not do this."""

    for_code = "role_not_allowed"


class TenantSuspendedError(PermissionDeniedError):
    """The tenant is suspended; its administrator knows why."""

    for_code = "tenant_suspended"


class NotFoundError(RefusedError):
    """Not there, or not yours (404)."""


class ConflictError(RefusedError):
    """The request does not fit the state of things (409)."""


class RateLimitedError(RefusedError):
    """Too many requests with this key (429), still so after the retries."""

    for_code = "rate_limited"


class CheckoutRefusedError(RefusedError):
    """There is no seat for this request. `facts["available_at"]` says when, if that is known."""


class LicenseUnavailableError(CheckoutRefusedError):
    """All seats are in use. Try again later."""

    for_code = "no_licenses_available"


class OverageMaxExceededError(CheckoutRefusedError):
    """The prepaid seats and all allowed overage seats are in use."""

    for_code = "max_overage_exceeded"


class CustomerCapReachedError(CheckoutRefusedError):
    """The customer's own cap or budget is reached."""

    for_code = "customer_cap_reached"


class LicenseSuspendedError(CheckoutRefusedError):
    """The vendor has suspended the license."""

    for_code = "license_suspended"


class LicenseExpiredError(CheckoutRefusedError):
    """The contract behind the license has ended."""

    for_code = "license_expired"


class LicenseNotStartedError(CheckoutRefusedError):
    """The contract behind the license has not begun."""

    for_code = "license_not_started"


class VersionNotLicensedError(CheckoutRefusedError):
    """The license does not cover this version of the product."""

    for_code = "version_not_licensed"


class FeatureNotLicensedError(CheckoutRefusedError):
    """The license does not include a feature that was asked for."""

    for_code = "feature_not_licensed"


class ReservedForOthersError(CheckoutRefusedError):
    """The free seats are reserved for other users."""

    for_code = "reserved_for_others"


class ProductNotLicensedError(CheckoutRefusedError):
    """This tenant has no license for the product (404)."""

    for_code = "product_not_licensed"


class LeaseGoneError(RefusedError):
    """The seat is no longer yours: check out again."""


class LeaseExpiredError(LeaseGoneError):
    """The lease missed its heartbeats and its seat was reclaimed."""

    for_code = "lease_expired"


class LeaseReturnedError(LeaseGoneError):
    """The lease was returned."""

    for_code = "lease_returned"


class LeaseRevokedError(LeaseGoneError):
    """An administrator took the seat back."""

    for_code = "lease_revoked"


class LeaseNotFoundError(LeaseGoneError):
    """The server knows no such lease (404)."""

    for_code = "lease_not_found"
