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
from vendors.models import IssuedLicense


def tell_customer(event: Event) -> None:
    """On `license.provisioned` and `license.announced`: to the address the vendor named, else to the tenant's administrator; in the
    language of their profile there, if they have one."""
    if event.code or not event.vendor_id:
        return
    license = queries.license_for(event.vendor_id, event.subject[1])
    brand = brand_of(license.vendor)
    to = event.facts["email"] or Tenant.objects.values_list("admin_email", flat=True).get(pk=license.tenant_id)
    with translation.override(_language(license, to)):
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


def _language(license: IssuedLicense, email: str) -> str:
    if not queries.has_living_tenant(license):
        return "en"
    with context.inside(license.tenant_id):
        return language_of(email) or "en"
