"""What refuses a key, in the order in which it is looked at (api.md, "Tenant host")."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal


class KeyMissing(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_missing"
    title = "Send a key: Authorization: Bearer …"


class KeyInvalid(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_invalid"
    title = "This key is unknown. Check that it was copied whole."


class KeyExpired(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_expired"
    title = "This key has expired. Ask your license administrator for a new one."


class KeyRevoked(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_revoked"
    title = "This key was revoked. Ask your license administrator for a new one."


class WrongTenant(Refusal):
    kind = Kind.FORBIDDEN
    code = "wrong_tenant"
    title = "This key belongs to another tenant. Use it at its own address."


class VendorMismatch(Refusal):
    kind = Kind.FORBIDDEN
    code = "vendor_mismatch"
    title = "X-Vendor-ID must name the vendor of the key."


class VendorSuspended(Refusal):
    kind = Kind.FORBIDDEN
    code = "vendor_suspended"
    title = "This vendor is suspended. Contact the platform's operator."


class TenantSuspended(Refusal):
    kind = Kind.FORBIDDEN
    code = "tenant_suspended"
    title = "This tenant is suspended. Contact the platform's operator."


class ScopeMissing(Refusal):
    kind = Kind.FORBIDDEN
    code = "scope_missing"
    title = "This key lacks the scope for that."


class RightMissing(Refusal):
    kind = Kind.FORBIDDEN
    code = "role_not_allowed"
    title = "Your role does not allow that."


class IpNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "ip_not_allowed"
    title = "This key may not be used from this network address."


class HostnameNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "hostname_not_allowed"
    title = "This key is bound to other hostnames."


class ClientCertificateRequired(Refusal):
    kind = Kind.FORBIDDEN
    code = "client_certificate_required"
    title = "This key must be used with its client certificate."


class ClientCertificateRejected(Refusal):
    kind = Kind.FORBIDDEN
    code = "client_certificate_rejected"
    title = "The client certificate is not the one this key is bound to."


class ProductNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "product_not_allowed"
    title = "This key is not for that product."


class RateLimited(Refusal):
    kind = Kind.RATE_LIMITED
    code = "rate_limited"
    title = "Too many requests with this key. Wait for as long as Retry-After says."
