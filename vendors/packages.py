"""A license as a signed document that anybody can verify with the vendor's public keys, without asking us.

Compact JWS. EdDSA signs header and payload as usual; the header also carries an ML-DSA-65 signature of the payload, so a package
holds even when one of the two schemes falls. docs/verify_package.py checks both in a dozen lines.
"""

from __future__ import annotations

from typing import Any

from cloudlicenses.kit import clock, jsonmoney
from cloudlicenses.web.pages import vendors_url
from keys.signing import EDDSA, ML_DSA_65, base64url, compact_jws, signer_for
from vendors.models import IssuedLicense

TYPE = "cl-package+jws"
# Keeps a signature on a package's payload from passing for one on anything else.
PQ_PREFIX = b"cloudlicenses-package.v1."


def sign(license: IssuedLicense) -> str:
    """The package of the license's present terms, in the vendor's scope."""
    payload = jsonmoney.dumps(document(license))
    pq = signer_for(license.vendor_id, ML_DSA_65)
    signature = pq.sign(PQ_PREFIX + base64url(payload).encode())
    return compact_jws(
        payload,
        signer_for(license.vendor_id, EDDSA),
        typ=TYPE,
        jku=vendors_url(f"/.well-known/jwks.json?vendor={license.vendor_id}"),
        pq={"alg": pq.algorithm, "kid": pq.kid, "sig": base64url(signature)},
    )


def package_url(license_id: str) -> str:
    return vendors_url(f"/packages/{license_id}")


def document(license: IssuedLicense) -> dict[str, Any]:
    """What a package says."""
    return {
        "license_id": license.id,
        "revision": license.revision,
        "issued_at": clock.rfc3339(clock.now()),
        "status": _status(license),
        "vendor": {"id": license.vendor_id, "name": license.vendor.name},
        "customer": {
            "tenant_id": license.tenant_id,
            "crm_account_id": license.account.crm_account_id,
            "name": license.account.customer_name,
        },
        "product": {
            "id": license.product_id,
            "name": license.product.name,
            "version": license.version_constraint,
            "features": license.features,
        },
        "entitlement": {
            "total_licenses": license.total_licenses,
            "commit_qty": license.commit_qty,
            "max_overage": license.max_overage,
            "pricing": {
                "commit_fee_monthly": license.commit_fee_monthly,
                "overage_per_use": license.overage_per_use,
                "currency": license.currency,
            },
        },
        "contract": {
            "start_date": license.start_date,
            "end_date": license.end_date,
            "auto_renew": license.auto_renew,
            "billing_cycle": license.billing_cycle,
        },
    }


def _status(license: IssuedLicense) -> str:
    """Of the terms, wherever the license has got to: whether it can be used says the server."""
    ended = (IssuedLicense.Status.SUSPENDED, IssuedLicense.Status.REVOKED)
    return license.status if license.status in ended else "active"
