"""Every operation of the three APIs: its stable id, what it does in one line, and the refusals that are its own.

An address that isn't listed here can't be published: `document` fails, and with it `make lint`. `own` names the statuses
beyond those that follow from an operation's shape (shared.py): a conflict, a refusal to strangers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """`id` is part of the contract: generated clients have methods of that name. `is_once`: takes an Idempotency-Key."""

    id: str
    tag: str
    summary: str
    own: tuple[int, ...] = ()
    is_once: bool = False
    bearer: str = ""  # the security scheme, where the view itself doesn't tell


CONFLICT = (409,)

APEX = {
    "POST /api/v1/tenants/register": Operation("registerTenant", "Tenants", "Ask for a tenant", CONFLICT, is_once=True),
    "POST /api/v1/tenants/verify": Operation(
        "verifyTenant", "Tenants", "Prove the domain by its DNS record", (403, 409)
    ),
    "GET /api/v1/tenants/{tenant_id}/status": Operation(
        "getOnboarding", "Tenants", "How far the onboarding has come", bearer="verificationToken"
    ),
    "GET /api/v1/audit/head": Operation("getPlatformTreeHead", "Audit", "The newest signed head of the platform's log"),
    "GET /api/v1/audit/heads": Operation("listPlatformTreeHeads", "Audit", "All signed heads of the platform's log"),
    "GET /.well-known/audit-keys.json": Operation("getPlatformLogKeys", "Audit", "Public keys that sign the heads"),
    "POST /api/v1/keys/report-leak": Operation("reportLeak", "Keys", "Report keys that were found in public"),
    "GET /.well-known/key-patterns.json": Operation("getKeyPatterns", "Keys", "How keys look, for secret scanners"),
}

VENDORS = {
    "POST /api/v1/licenses/generate": Operation(
        "generateLicense", "Licenses", "Sell a license", CONFLICT, is_once=True
    ),
    "POST /api/v1/licenses/provision": Operation(
        "provisionLicense", "Licenses", "Put a license into its customer's tenant", CONFLICT, is_once=True
    ),
    "GET /api/v1/licenses": Operation("listIssuedLicenses", "Licenses", "Licenses sold"),
    "GET /api/v1/licenses/{license_id}": Operation("getIssuedLicense", "Licenses", "One license sold"),
    "PATCH /api/v1/licenses/{license_id}": Operation(
        "amendLicense", "Licenses", "Change quantities, prices or the end date", CONFLICT
    ),
    "POST /api/v1/licenses/{license_id}/suspend": Operation(
        "suspendLicense", "Licenses", "Refuse new checkouts until resumed", CONFLICT, is_once=True
    ),
    "POST /api/v1/licenses/{license_id}/resume": Operation(
        "resumeLicense", "Licenses", "Let a suspended license work again", CONFLICT, is_once=True
    ),
    "POST /api/v1/licenses/{license_id}/revoke": Operation(
        "revokeLicense", "Licenses", "End a license at once and for good", CONFLICT, is_once=True
    ),
    "POST /api/v1/licenses/{license_id}/renew": Operation(
        "renewLicense", "Licenses", "Prolong a license", CONFLICT, is_once=True
    ),
    "GET /packages/{license_id}": Operation("getPackage", "Licenses", "The license as a signed document"),
    "GET /.well-known/jwks.json": Operation("getVendorJwks", "Licenses", "Public keys that verify packages"),
    "GET /api/v1/customers": Operation("listCustomers", "Customers", "The vendor's customers"),
    "POST /api/v1/customers": Operation(
        "linkCustomer", "Customers", "Say which tenant a CRM account stands for", CONFLICT, is_once=True
    ),
    "GET /api/v1/customers/search": Operation(
        "searchCustomer", "Customers", "Find a customer by CRM id, tenant or name"
    ),
    "GET /api/v1/billing/overage": Operation("exportOverage", "Billing", "Billing export: JSON, CSV or PDF"),
    "GET /api/v1/billing/evidence": Operation(
        "exportVendorBill", "Billing", "A customer's month as a file that proves itself"
    ),
    "GET /.well-known/bill-keys.json": Operation(
        "getVendorBillKeys", "Billing", "Public keys that sign a vendor's bills"
    ),
    "GET /api/v1/usage": Operation("getVendorUsage", "Usage", "Seats, checkouts and denials over time"),
    "GET /api/v1/products": Operation("listProducts", "Products", "Products on sale"),
    "POST /api/v1/products": Operation("createProduct", "Products", "Add a product", CONFLICT, is_once=True),
    "PATCH /api/v1/products/{product_id}": Operation("changeProduct", "Products", "Change a product", CONFLICT),
    "GET /api/v1/products/{product_id}/signing": Operation(
        "getProductSigning", "Products", "Whether a product's applications must sign, and with what"
    ),
    "PATCH /api/v1/products/{product_id}/signing": Operation(
        "changeProductSigning", "Products", "Require signatures of a product's applications", CONFLICT
    ),
    "POST /api/v1/products/{product_id}/secrets": Operation(
        "generateProductSecret", "Products", "Make a secret that applications sign with", CONFLICT, is_once=True
    ),
    "DELETE /api/v1/products/{product_id}/secrets/{key_id}": Operation(
        "retireProductSecret", "Products", "Retire a secret", CONFLICT
    ),
    "GET /api/v1/webhooks": Operation("listWebhooks", "Webhooks", "Where events are sent"),
    "POST /api/v1/webhooks": Operation(
        "addWebhook", "Webhooks", "Have events sent to an address", CONFLICT, is_once=True
    ),
    "GET /api/v1/webhooks/{endpoint_id}": Operation("getWebhook", "Webhooks", "One endpoint"),
    "PATCH /api/v1/webhooks/{endpoint_id}": Operation("changeWebhook", "Webhooks", "Change an endpoint, or pause it"),
    "DELETE /api/v1/webhooks/{endpoint_id}": Operation("removeWebhook", "Webhooks", "Remove an endpoint"),
    "POST /api/v1/webhooks/{endpoint_id}/rotate-secret": Operation(
        "rotateWebhookSecret", "Webhooks", "Replace the signing secret; both sign for a day", is_once=True
    ),
    "GET /api/v1/webhooks/{endpoint_id}/deliveries": Operation(
        "listDeliveries", "Webhooks", "Messages sent, with every try"
    ),
    "POST /api/v1/webhooks/{endpoint_id}/test": Operation("testWebhook", "Webhooks", "Send a test message"),
    "POST /api/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver": Operation(
        "redeliver", "Webhooks", "Send a message again", CONFLICT
    ),
    "GET /api/v1/keys": Operation("listVendorKeys", "Keys", "Keys of the vendor's systems"),
    "POST /api/v1/keys": Operation("createVendorKey", "Keys", "Make a key; it is shown once", is_once=True),
    "POST /api/v1/keys/{key_id}/rotate": Operation(
        "rotateVendorKey", "Keys", "Replace a key; both work for a day", CONFLICT, is_once=True
    ),
    "DELETE /api/v1/keys/{key_id}": Operation("revokeVendorKey", "Keys", "Revoke a key"),
    "GET /api/v1/audit/head": Operation("getVendorTreeHead", "Audit", "The newest signed head of a vendor's log"),
    "GET /api/v1/audit/heads": Operation("listVendorTreeHeads", "Audit", "All signed heads of a vendor's log"),
    "GET /.well-known/audit-keys.json": Operation("getVendorLogKeys", "Audit", "Public keys that sign the heads"),
    "GET /api/v1/audit/proof": Operation(
        "proveVendorAudit", "Audit", "That an entry is in the log, or that it only grew", CONFLICT
    ),
    "GET /api/v1/audit/export": Operation("exportVendorAudit", "Audit", "The log as a file that proves itself"),
}

TENANT = {
    "POST /api/v1/licenses/checkout": Operation("checkout", "Seats", "Take a seat", CONFLICT, is_once=True),
    "POST /api/v1/licenses/heartbeat": Operation("heartbeat", "Seats", "Keep a seat", CONFLICT),
    "POST /api/v1/licenses/return": Operation("returnSeat", "Seats", "Give a seat back", CONFLICT),
    "GET /api/v1/leases": Operation("listLeases", "Seats", "Who holds what"),
    "DELETE /api/v1/leases/{lease_id}": Operation("takeBackLease", "Seats", "Take a seat back", CONFLICT),
    "GET /api/v1/events/stream": Operation("streamEvents", "Seats", "What happens, as it happens", (403,)),
    "GET /api/v1/denials": Operation("listDenials", "Seats", "Checkouts refused"),
    "GET /api/v1/licenses": Operation("listLicenses", "Licenses", "Licenses of all vendors, and what is in use"),
    "GET /api/v1/licenses/{license_id}": Operation("getLicense", "Licenses", "One license"),
    "PATCH /api/v1/licenses/{license_id}/caps": Operation(
        "setCaps", "Licenses", "Limits of the customer's own, below what was sold", CONFLICT
    ),
    "POST /api/v1/validate/feature": Operation("validateFeature", "Features", "May a feature be used now?"),
    "GET /api/v1/features": Operation("listFeatures", "Features", "Features of all licenses"),
    "POST /api/v1/usage/track": Operation(
        "trackUsage", "Features", "Report the use of a feature", CONFLICT, is_once=True
    ),
    "GET /api/v1/keys": Operation("listKeys", "Keys", "Keys of applications"),
    "POST /api/v1/keys/generate": Operation("generateKey", "Keys", "Make a key; it is shown once", is_once=True),
    "DELETE /api/v1/keys/{key_id}": Operation("revokeKey", "Keys", "Revoke a key"),
    "POST /api/v1/keys/{key_id}/restrictions": Operation(
        "restrictKey", "Keys", "Bind a key to hosts, networks, products", CONFLICT
    ),
    "POST /api/v1/keys/{key_id}/rotate": Operation(
        "rotateKey", "Keys", "Replace a key; both work for a day", CONFLICT, is_once=True
    ),
    "GET /api/v1/certificates": Operation("listCertificates", "Certificates", "Client certificates"),
    "POST /api/v1/certificates/issue": Operation(
        "issueCertificate", "Certificates", "Have a signing request signed", is_once=True
    ),
    "GET /api/v1/certificates/{certificate_id}": Operation(
        "getCertificate", "Certificates", "One certificate, and its status"
    ),
    "POST /api/v1/certificates/{certificate_id}/revoke": Operation(
        "revokeCertificate", "Certificates", "Revoke a certificate"
    ),
    "GET /api/v1/certificates/authorities": Operation(
        "listAuthorities", "Certificates", "Certificate authorities that are trusted"
    ),
    "POST /api/v1/certificates/authorities": Operation(
        "uploadAuthority", "Certificates", "Trust an authority of your own", CONFLICT, is_once=True
    ),
    "POST /api/v1/certificates/authorities/rotate": Operation(
        "rotateAuthority", "Certificates", "Replace the authority that issues", is_once=True
    ),
    "DELETE /api/v1/certificates/authorities/{authority_id}": Operation(
        "removeAuthority", "Certificates", "Trust an authority no longer"
    ),
    "GET /api/v1/certificates/authorities/{authority_id}/certificate": Operation(
        "getAuthorityCertificate", "Certificates", "The certificate of an authority"
    ),
    "GET /api/v1/certificates/authorities/{authority_id}/crl": Operation(
        "getRevocationList", "Certificates", "What an authority of ours has revoked"
    ),
    "POST /api/v1/certificates/authorities/{authority_id}/revocations": Operation(
        "uploadRevocationList", "Certificates", "Say what an authority of your own has revoked", CONFLICT
    ),
    "GET /.well-known/jwks.json": Operation("getLeaseJwks", "Keys", "Public keys that verify leases"),
    "GET /api/v1/fingerprints": Operation("listFingerprints", "Applications", "Installations of applications"),
    "POST /api/v1/fingerprints/{fingerprint_id}/approve": Operation(
        "approveFingerprint", "Applications", "Approve an installation"
    ),
    "POST /api/v1/fingerprints/{fingerprint_id}/block": Operation(
        "blockFingerprint", "Applications", "Block an installation"
    ),
    "GET /api/v1/fingerprint-modes": Operation(
        "listFingerprintModes", "Applications", "How each product's applications are looked at"
    ),
    "PUT /api/v1/fingerprint-modes/{product_id}": Operation(
        "setFingerprintMode", "Applications", "Observe, alert or block what is new"
    ),
    "GET /api/v1/devices": Operation("listDevices", "Applications", "Devices that sign their requests"),
    "POST /api/v1/devices": Operation("registerDevice", "Applications", "Register a workstation's key", CONFLICT),
    "DELETE /api/v1/devices/{device_id}": Operation("revokeDevice", "Applications", "Revoke a device"),
    "POST /api/v1/devices/{device_id}/approve": Operation(
        "approveDevice", "Applications", "Approve a device", CONFLICT
    ),
    "GET /api/v1/device-policy": Operation("getDevicePolicy", "Applications", "Who approves devices"),
    "PUT /api/v1/device-policy": Operation("setDevicePolicy", "Applications", "Say who approves devices"),
    "GET /api/v1/users": Operation("listUsers", "Users", "Who may sign in"),
    "POST /api/v1/users": Operation("inviteUser", "Users", "Invite somebody", CONFLICT, is_once=True),
    "GET /api/v1/users/{user_id}": Operation("getUser", "Users", "One person"),
    "PATCH /api/v1/users/{user_id}": Operation("changeUser", "Users", "Change a role, or let in again", CONFLICT),
    "DELETE /api/v1/users/{user_id}": Operation("removeUser", "Users", "Deactivate somebody", CONFLICT),
    "GET /api/v1/costs": Operation("getCosts", "Costs", "What a month costs"),
    "GET /api/v1/costs/evidence": Operation(
        "exportTenantBill", "Costs", "A month at a vendor as a file that proves itself"
    ),
    "GET /.well-known/bill-keys.json": Operation(
        "getTenantBillKeys", "Costs", "Public keys that sign a vendor's bills"
    ),
    "GET /api/v1/usage": Operation("getUsage", "Usage", "Seats, checkouts and denials over time"),
    "GET /api/v1/alerts": Operation("listAlerts", "Alerts", "What is unusual"),
    "GET /api/v1/alerts/{alert_id}": Operation("getAlert", "Alerts", "One alert"),
    "POST /api/v1/alerts/{alert_id}/acknowledge": Operation(
        "acknowledgeAlert", "Alerts", "Say that somebody is at it", CONFLICT
    ),
    "POST /api/v1/alerts/{alert_id}/resolve": Operation("resolveAlert", "Alerts", "Say that it is over"),
    "GET /api/v1/alert-rules": Operation("listAlertRules", "Alerts", "How each kind of alert is treated"),
    "PATCH /api/v1/alert-rules/{kind}": Operation("changeAlertRule", "Alerts", "Change a rule"),
    "GET /api/v1/alert-channels": Operation("listAlertChannels", "Alerts", "Where alerts go"),
    "POST /api/v1/alert-channels": Operation("addAlertChannel", "Alerts", "Add a channel", CONFLICT, is_once=True),
    "GET /api/v1/alert-channels/{channel_id}": Operation("getAlertChannel", "Alerts", "One channel"),
    "PATCH /api/v1/alert-channels/{channel_id}": Operation("changeAlertChannel", "Alerts", "Change or pause a channel"),
    "DELETE /api/v1/alert-channels/{channel_id}": Operation("removeAlertChannel", "Alerts", "Remove a channel"),
    "POST /api/v1/alert-channels/{channel_id}/rotate-secret": Operation(
        "rotateAlertChannelSecret", "Alerts", "Replace a webhook's signing secret; both sign for a day", is_once=True
    ),
    "POST /api/v1/alert-channels/{channel_id}/test": Operation("testAlertChannel", "Alerts", "Send a test"),
    "GET /api/v1/alert-channels/{channel_id}/deliveries": Operation(
        "listAlertDeliveries", "Alerts", "What a channel was sent"
    ),
    "GET /api/v1/business-hours": Operation("getBusinessHours", "Alerts", "When people work here"),
    "PUT /api/v1/business-hours": Operation("setBusinessHours", "Alerts", "Change the business hours"),
    "GET /api/v1/audit": Operation("listAudit", "Audit", "Who did what, and what was refused"),
    "GET /api/v1/audit/head": Operation("getTenantTreeHead", "Audit", "The newest signed head of this tenant's log"),
    "GET /api/v1/audit/heads": Operation("listTenantTreeHeads", "Audit", "All signed heads of this tenant's log"),
    "GET /.well-known/audit-keys.json": Operation("getTenantLogKeys", "Audit", "Public keys that sign the heads"),
    "GET /api/v1/audit/proof": Operation(
        "proveTenantAudit", "Audit", "That an entry is in the log, or that it only grew", CONFLICT
    ),
    "GET /api/v1/audit/export": Operation("exportTenantAudit", "Audit", "The log as a file that proves itself"),
}

OPERATIONS: dict[str, dict[str, Operation]] = {"apex": APEX, "vendors": VENDORS, "tenant": TENANT}
