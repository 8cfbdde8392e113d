"""Every page of the three hosts, as somebody opens it: the addresses, with what stands in them still to be filled in.

Whoever adds a page adds it here; a test compares this with the routes there are.
"""

from __future__ import annotations

import re

SIGNED_IN, STRANGER, HALF_WAY = "signed in", "a stranger", "half-way in"

ACCOUNT = (
    "/account", "/account/password", "/account/security", "/account/confirm", "/account/app", "/account/app/remove",
    "/account/recovery-codes", "/account/passkeys/{passkey}/remove",
)  # fmt: skip
PEOPLE = (
    "", "/invite", "/policy", "/erase", "/{member}", "/{member}/deactivate", "/{member}/forget-factors", "/{invited}/withdraw",
)  # fmt: skip
SIGNING = ("/signing", "/signing/generate", "/signing/require", "/signing/0123456789abcdef/retire")
CHANNEL = ("", "/change", "/rotate-secret", "/remove")
ENTERING = ("/login", "/forgotten-password")
BY_MAIL = ("/invitations/{invitation}", "/resets/{reset}")
DOCS = ("/docs", "/docs/quick-start")

TENANT = (
    "/", "/licenses", "/licenses?sort=-in_use", "/licenses?q=product+0042", "/licenses/lic-00001", "/licenses/lic-00001/limits",
    "/leases/{lease}/take-back", "/usage", "/usage?days=90", "/usage?product=product-7", "/costs", "/costs?period={before}",
    "/costs/charges", "/keys", "/keys/generate", *(f"/keys/key-1{path}" for path in ("", "/restrictions", "/rotate", "/revoke")),
    "/alerts", "/alerts?status=resolved", "/alerts/{alert}", "/alerts/rules", "/alerts/rules/{rule}", "/alerts/hours",
    "/alerts/channels", "/alerts/channels/add/webhook", *(f"/alerts/channels/{{channel}}{path}" for path in CHANNEL),
    "/applications", "/applications/mode/product-7", "/devices", "/devices/policy", "/devices/device-1/approve",
    "/devices/device-2/revoke",
    "/certificates", "/certificates/issue", "/certificates/{certificate}", "/certificates/{certificate}/revoke",
    "/certificates/authorities/upload", "/certificates/authorities/rotate", "/certificates/authorities/{authority}/remove",
    "/certificates/authorities/{uploaded}/revocations", "/audit/{entry}",
    "/audit", "/audit?q=ws-7.example.com", "/audit?actor=Workstation+7", "/audit?q=lease-77777",
    "/account/tokens", "/account/tokens/create", "/account/tokens/{token}/revoke",
    *ACCOUNT, *(f"/users{path}" for path in PEOPLE), *DOCS,
)  # fmt: skip
VENDORS = (
    "/", "/licenses", "/licenses?sort=customer", "/licenses?q=customer+0042", "/licenses?product=ware-7", "/licenses/generate",
    *(f"/licenses/lic-sold-00001{path}" for path in ("", "/amend", "/suspend", "/revoke", "/renew", "/provision")),
    "/customers", "/customers?q=0042", "/customers?sort=-licenses", "/customers/{account}", "/customers/link",
    "/products", "/products/add", *(f"/products/ware-7{path}" for path in ("", *SIGNING)), "/analytics", "/analytics?days=90",
    "/analytics/licenses", "/analytics/licenses?days=90",
    "/analytics?product=ware-7&zone=Asia/Tokyo", "/billing", "/billing?period={before}", "/billing/{present}/{account}",
    "/billing/{before}/{account}", "/billing/{before}/{account}?kind=overage&sort=amount",
    "/keys", "/keys/generate", "/keys/{key}/rotate", "/keys/{key}/revoke",
    "/webhooks", "/webhooks/add", *(f"/webhooks/{{webhook}}{path}" for path in ("", "/change", "/rotate-secret", "/remove")),
    "/audit", "/audit/{entry}", "/settings", "/settings/brand", *ACCOUNT, *(f"/team{path}" for path in PEOPLE), *DOCS,
)  # fmt: skip
OPERATOR = (
    "/operator/", "/operator/?about=0042", "/operator/?sort=company", "/operator/health", "/operator/registrations",
    "/operator/registrations/{registration}/vouch", "/operator/tenants/{tenant}", "/operator/tenants/{tenant}/suspend",
    "/operator/tenants/{suspended}/delete", "/operator/vendors", "/operator/vendors/create", "/operator/vendors/seller/suspend",
    "/operator/encryption", "/operator/encryption/{owner}/rotate", "/operator/audit", "/operator/audit/{entry}",
    *(f"/operator{path}" for path in ACCOUNT),
)  # fmt: skip
PUBLIC = ("/", "/security", "/signup", "/signup/{signup}", "/problems", "/problems/max_overage_exceeded", *DOCS)

# By host, by who opens them.
OPENED = {
    "tenant": {
        SIGNED_IN: TENANT,
        STRANGER: (*ENTERING, *BY_MAIL, "/alerts/revoke/{revoking}"),
        HALF_WAY: ("/login/code",),
    },
    "vendors": {SIGNED_IN: VENDORS, STRANGER: (*ENTERING, *BY_MAIL), HALF_WAY: ("/login/code",)},
    "apex": {
        SIGNED_IN: OPERATOR,
        STRANGER: (*PUBLIC, *(f"/operator{path}" for path in ENTERING), *BY_MAIL),
        HALF_WAY: ("/operator/login/code",),
    },
}

# What is no page: answers to programs, files, questions and forms that scripts and buttons send, mail of a development machine; and
# a question that is asked only while there is a new master key.
NO_PAGE = re.compile(
    r"^(healthz|readyz|metrics|\.well-known/.*|api/.*|dev/mail.*|brands/.*|ocsp.*|live)$"
    r"|\.<(slug|str):ending>$|\.(csv|jsonl)$|/(question|file)$|(^|/)audit/export$|^alerts/(open|.*/(acknowledge|resolve))$"
    r"|(^|/)(logout|login/passkey|account/passkeys|account/sessions/.*|reactivate|invite-again|pause|test|redeliver|retry)$"
    r"|/resume$|^applications/decide$|^operator/encryption/master-key$|^settings/(provisioning|brand/remove-logo)$"
)
