"""What a vendor's systems may hear of besides invoices: what became of its licenses."""

from __future__ import annotations

from audit.delivery import Event
from billing.webhooks import deliveries
from vendors.models import IssuedLicense

LICENSE_EVENTS = (
    "license.generated",
    "license.provisioned",
    "license.amended",
    "license.suspended",
    "license.resumed",
    "license.revoked",
    "license.renewed",
    "license.expired",
)
EVENTS = ("invoice.created", *LICENSE_EVENTS)


def tell_vendor(event: Event) -> None:
    """Hears of the vendor's own acts on a license; the message carries the license's state as it is now."""
    license = IssuedLicense.objects.select_related("account").filter(id=event.subject[1]).first()
    if license is None or event.code or event.tenant_id:  # the tenant's own entry of the same act
        return
    data = {
        "license_id": license.id,
        "crm_account_id": license.account.crm_account_id,
        "crm_opportunity_id": license.crm_opportunity_id,
        "tenant_id": license.tenant_id,
        "product_id": license.product_id,
        "status": license.status,
        "revision": license.revision,
    }
    deliveries.announce(event.name, vendor_id=license.vendor_id, message_id=f"msg-{event.id}", at=event.at, data=data)
