"""Mail to customers about what vendors give them. Listeners: each may be called again for the same event."""

from __future__ import annotations

from django.utils import translation

from accounts.queries import language_of
from audit.delivery import Event
from cloudlicenses.web import mail
from cloudlicenses.web.pages import tenant_url, vendors_url
from tenants import context
from tenants.models import Tenant
from vendors import queries
from vendors.branding import brand_of


def tell_customer(event: Event) -> None:
    """On `license.provisioned` and `license.announced`: to the address the vendor named, else to the tenant's administrator; in the
    language of their profile there, if they have one."""
    if event.code or not event.vendor_id:
        return
    license = queries.license_for(event.vendor_id, event.subject[1])
    brand = brand_of(license.vendor)
    tenant = Tenant.objects.only("admin_email", "is_provisioned").get(pk=license.tenant_id)
    to = event.facts["email"] or tenant.admin_email
    with translation.override(_language(tenant, to)):
        mail.send(
            "licenses_provisioned",
            to=to,
            message_id=event.id,
            context={
                "license": license,
                "product": license.product,
                "vendor": license.vendor,
                "brand": brand,
                "logo_url": vendors_url(brand.logo_path) if brand.logo_path else "",
                "message": event.facts["message"],
                "tenant_url": tenant_url(license.tenant_id),
            },
        )


def _language(tenant: Tenant, email: str) -> str:
    if not tenant.is_provisioned:
        return "en"
    with context.inside(tenant.pk):
        return language_of(email) or "en"
