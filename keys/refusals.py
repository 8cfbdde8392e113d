"""What refuses a key, in the order in which it is looked at (api.md, "Tenant host")."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class KeyMissing(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_missing"
    title = gettext_noop("Send a key: Authorization: Bearer …")


class KeyInvalid(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_invalid"
    title = gettext_noop("This key is unknown. Check that it was copied whole.")


class KeyExpired(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_expired"
    title = gettext_noop("This key has expired. Ask your license administrator for a new one.")


class KeyRevoked(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "key_revoked"
    title = gettext_noop("This key was revoked. Ask your license administrator for a new one.")


class KeyReplaced(Refusal):
    """Its successor is the one to rotate: of a key that is rotated twice, nobody would know which successor counts."""

    kind = Kind.CONFLICT
    code = "key_replaced"
    title = gettext_noop("This key was rotated already. Rotate the one that replaced it.")


class WrongTenant(Refusal):
    kind = Kind.FORBIDDEN
    code = "wrong_tenant"
    title = gettext_noop("This key belongs to another tenant. Use it at its own address.")


class VendorMismatch(Refusal):
    kind = Kind.FORBIDDEN
    code = "vendor_mismatch"
    title = gettext_noop("X-Vendor-ID must name the vendor of the key.")


class VendorSuspended(Refusal):
    kind = Kind.FORBIDDEN
    code = "vendor_suspended"
    title = gettext_noop("This vendor is suspended. Contact the platform's operator.")


class TenantSuspended(Refusal):
    kind = Kind.FORBIDDEN
    code = "tenant_suspended"
    title = gettext_noop("This tenant is suspended. Contact the platform's operator.")


class ScopeMissing(Refusal):
    kind = Kind.FORBIDDEN
    code = "scope_missing"
    title = gettext_noop("This key lacks the scope for that.")


class RightMissing(Refusal):
    kind = Kind.FORBIDDEN
    code = "role_not_allowed"
    title = gettext_noop("Your role does not allow that.")


class IpNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "ip_not_allowed"
    title = gettext_noop("This key may not be used from this network address.")


class HostnameNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "hostname_not_allowed"
    title = gettext_noop("This key is bound to other hostnames.")


class ClientCertificateRequired(Refusal):
    kind = Kind.FORBIDDEN
    code = "client_certificate_required"
    title = gettext_noop(
        "This key works only with its client certificate, and none came with the request. Present it in the TLS handshake"
        " (curl: --cert and --key; Python SDK: cert=)."
    )


class ClientCertificateRejected(Refusal):
    kind = Kind.FORBIDDEN
    code = "client_certificate_rejected"
    title = gettext_noop("The client certificate does not prove what this key asks for.")


class ProductNotAllowed(Refusal):
    kind = Kind.FORBIDDEN
    code = "product_not_allowed"
    title = gettext_noop("This key is not for that product.")


class RateLimited(Refusal):
    kind = Kind.RATE_LIMITED
    code = "rate_limited"
    title = gettext_noop("Too many requests with this key. Wait for as long as Retry-After says.")
