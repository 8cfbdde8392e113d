"""One conversation, told in examples: Vector sells DaVinci Configurator SE to Mercedes-Benz, and a workstation uses it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

TENANT_URL = "https://mercedes.cloudlicenses.com"
LICENSE_ID = "lic-vector-mercedes-2025-001"
PRODUCT_ID = "davinci-configurator-se"
BILLED = {
    "overage_checkouts": 44,
    "overage_cost": 22000.00,
    "commit_fee": 5000.00,
    "total_billable": 27000.00,
    "currency": "EUR",
}

REQUESTS: dict[str, Json] = {
    "registerTenant": {
        "company": {
            "name": "Mercedes-Benz AG",
            "domain": "mercedes.com",
            "country": "DE",
            "tax_id": "DE123456789",
        },
        "tenant": {"id": "mercedes", "region": "eu-central", "plan": "enterprise"},
        "admin": {"email": "admin@mercedes.com", "name": "License Administrator"},
    },
    "verifyTenant": {"tenant_id": "mercedes", "verification_token": "abc123xyz789"},
    "generateLicense": {
        "crm_opportunity_id": "SF-00123456",
        "customer": {
            "crm_account_id": "ACC-98765",
            "name": "Mercedes-Benz AG",
            "tenant_id": "mercedes",
            "contact_email": "licenses@mercedes.com",
        },
        "product": {"id": PRODUCT_ID, "name": "DaVinci Configurator SE", "version": ">=8.0.0"},
        "entitlement": {
            "total_licenses": 20,
            "commit_qty": 5,
            "max_overage": 15,
            "pricing": {"commit_fee_monthly": 5000.00, "overage_per_use": 500.00, "currency": "EUR"},
        },
        "contract": {
            "start_date": "2025-01-01",
            "end_date": "2025-12-31",
            "auto_renew": True,
            "billing_cycle": "monthly",
        },
        "auto_provision": True,
    },
    "provisionLicense": {
        "license_id": LICENSE_ID,
        "customer": {"crm_account_id": "ACC-98765"},
        "notification": {
            "email": "licenses@mercedes.com",
            "message": "Your DaVinci Configurator SE licenses are ready!",
        },
    },
    "checkout": {
        "product_id": PRODUCT_ID,
        "user": "alice@mercedes.com",
        "hostname": "dev-ws-042.mercedes.com",
        "version": "8.2.1",
    },
    "heartbeat": {"lease_id": "lease-7h2k9m4x8c1v5b3n6q0w"},
    "returnSeat": {"lease_id": "lease-7h2k9m4x8c1v5b3n6q0w"},
    "generateKey": {
        "app_name": "DaVinci Configurator Workstation 042",
        "app_type": "desktop",
        "scopes": ["license:checkout", "license:return"],
        "expires_in_days": 365,
        "metadata": {
            "hostname": "dev-ws-042.mercedes.com",
            "department": "Powertrain Engineering",
            "contact": "alice@mercedes.com",
        },
    },
    "restrictKey": {"allowed_ip_ranges": ["10.0.0.0/8", "203.0.113.0/24"]},
}

ANSWERS: dict[str, Json] = {
    "registerTenant": {
        "tenant_id": "mercedes",
        "tenant_url": TENANT_URL,
        "status": "pending_verification",
        "verification": {
            "method": "dns",
            "dns_record": {
                "type": "TXT",
                "name": "_cloudlicenses.mercedes.com",
                "value": "cloudlicenses-verify=abc123xyz789",
            },
        },
        "next_steps": [
            "Add DNS TXT record to mercedes.com",
            "Wait for verification (usually < 5 minutes)",
            "Receive admin credentials via email",
        ],
    },
    "verifyTenant": {
        "tenant_id": "mercedes",
        "status": "verified",
        "tenant_url": TENANT_URL,
        "admin_login": f"{TENANT_URL}/login",
        "crm_id": "CUST-00001",
        "created_at": "2025-11-04T10:00:00Z",
    },
    "generateLicense": {
        "license_id": LICENSE_ID,
        "crm_opportunity_id": "SF-00123456",
        "package_url": f"https://vendors.cloudlicenses.com/packages/{LICENSE_ID}",
        "status": "provisioned",
        "customer_tenant": TENANT_URL,
        "provisioned_at": "2025-11-04T10:00:00Z",
    },
    "provisionLicense": {
        "status": "provisioned",
        "tenant_url": TENANT_URL,
        "provisioned_at": "2025-11-04T10:00:00Z",
        "customer_notified": True,
    },
    "searchCustomer": {
        "found": True,
        "customer": {
            "crm_account_id": "ACC-98765",
            "platform_customer_id": "CUST-00001",
            "tenant_id": "mercedes",
            "tenant_url": TENANT_URL,
            "company_name": "Mercedes-Benz AG",
            "status": "active",
            "registered_at": "2025-01-15T09:00:00Z",
        },
    },
    "exportOverage": {
        "vendor_id": "vector-de",
        "period": {"start": "2025-11-01", "end": "2025-11-30"},
        "total_overage_revenue": 22000.00,
        "currency": "EUR",
        "customers": [
            {
                "crm_account_id": "ACC-98765",
                "tenant_id": "mercedes",
                "customer_name": "Mercedes-Benz AG",
                "products": [
                    {
                        "product_id": PRODUCT_ID,
                        "product_name": "DaVinci Configurator SE",
                        "license_id": LICENSE_ID,
                        "license_ids": [LICENSE_ID],
                        "billing_period": "2025-11",
                        **BILLED,
                    }
                ],
            }
        ],
        "totals": BILLED,
        "totals_by_currency": [BILLED],
    },
    "checkout": {
        "status": "success",
        "lease_id": "lease-7h2k9m4x8c1v5b3n6q0w",
        "license_id": LICENSE_ID,
        "lease_type": "overage",
        "cost": 500.00,
        "currency": "EUR",
        "issued_at": "2025-11-04T10:00:00Z",
        "expires_at": "2025-11-04T10:15:00Z",
        "heartbeat_interval_seconds": 300,
        "lease_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJsZWFzZS03aDJrOW00eCJ9.c2lnbmF0dXJl",
        "features": {},
    },
    "heartbeat": {
        "status": "active",
        "lease_id": "lease-7h2k9m4x8c1v5b3n6q0w",
        "lease_type": "overage",
        "expires_at": "2025-11-04T10:20:00Z",
        "heartbeat_interval_seconds": 300,
        "lease_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJsZWFzZS03aDJrOW00eCJ9.c2lnbmF0dXJl",
    },
    "returnSeat": {
        "status": "returned",
        "lease_id": "lease-7h2k9m4x8c1v5b3n6q0w",
        "lease_type": "overage",
        "total_cost": 500.00,
        "currency": "EUR",
        "duration_seconds": 3600,
    },
}


def added_to(operation: Json) -> Json:
    """The operation, with its examples where there are any."""
    name = operation["operationId"]
    if name in REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = REQUESTS[name]
    for status, answer in operation["responses"].items():
        if status.startswith("2") and name in ANSWERS:
            answer["content"]["application/json"]["example"] = ANSWERS[name]
    return operation
