"""Addresses of this app on the vendors' host, and of the operator's pages about vendors on the apex."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from vendors.api import customers, keys, licenses, packages, products, signing, usage
from vendors.pages import analytics, changing, live, operator, selling, settings
from vendors.pages import customers as customer_pages
from vendors.pages import keys as key_pages
from vendors.pages import licenses as license_pages
from vendors.pages import products as product_pages
from vendors.pages import signing as signing_pages

PRODUCT = "(?P<product_id>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"
KEY_ID = "(?P<key_id>[0-9a-f]{16})"
LOGO = path("brands/<slug:vendor_id>/<slug:digest>.png", settings.logo, name="vendor_logo")

vendors: list[URLPattern] = [
    path("api/v1/licenses/generate", licenses.GenerateLicense.as_view()),
    path("api/v1/licenses/provision", licenses.ProvisionLicense.as_view()),
    path("api/v1/licenses", licenses.Licenses.as_view()),
    path("api/v1/licenses/<slug:license_id>", licenses.License.as_view()),
    path("api/v1/licenses/<slug:license_id>/suspend", licenses.SuspendLicense.as_view()),
    path("api/v1/licenses/<slug:license_id>/resume", licenses.ResumeLicense.as_view()),
    path("api/v1/licenses/<slug:license_id>/revoke", licenses.RevokeLicense.as_view()),
    path("api/v1/licenses/<slug:license_id>/renew", licenses.RenewLicense.as_view()),
    path("packages/<slug:license_id>", packages.Package.as_view()),
    path(".well-known/jwks.json", packages.VendorJwks.as_view()),
    path("api/v1/customers", customers.Customers.as_view()),
    path("api/v1/customers/search", customers.SearchCustomer.as_view()),
    path("api/v1/products", products.Products.as_view()),
    re_path(f"^api/v1/products/{PRODUCT}$", products.Product.as_view()),
    re_path(f"^api/v1/products/{PRODUCT}/signing$", signing.Signing.as_view()),
    re_path(f"^api/v1/products/{PRODUCT}/secrets$", signing.Secrets.as_view()),
    re_path(f"^api/v1/products/{PRODUCT}/secrets/{KEY_ID}$", signing.Secret.as_view()),
    path("api/v1/keys", keys.VendorKeys.as_view()),
    path("api/v1/keys/<slug:key_id>", keys.VendorKey.as_view()),
    path("api/v1/keys/<slug:key_id>/rotate", keys.RotateVendorKey.as_view()),
    path("api/v1/usage", usage.Usage.as_view()),
    path("live", live.live, name="live"),
    path("licenses", license_pages.license_list, name="licenses"),
    path("licenses/generate", selling.generate, name="generate_license"),
    path("licenses/<slug:license_id>", license_pages.license_page, name="license"),
    path("licenses/<slug:license_id>/amend", changing.amend, name="amend_license"),
    path("licenses/<slug:license_id>/provision", changing.provision, name="provision_license"),
    path("licenses/<slug:license_id>/suspend", changing.suspend, name="suspend_license"),
    path("licenses/<slug:license_id>/resume", changing.resume, name="resume_license"),
    path("licenses/<slug:license_id>/revoke", changing.revoke, name="revoke_license"),
    path("licenses/<slug:license_id>/renew", changing.renew, name="renew_license"),
    path("customers", customer_pages.customer_list, name="customers"),
    path("customers/link", customer_pages.link, name="link_customer"),
    path("customers/<int:account_id>", customer_pages.customer_page, name="customer"),
    path("products", product_pages.product_list, name="products"),
    path("products/add", product_pages.add, name="add_product"),
    re_path(f"^products/{PRODUCT}$", product_pages.change, name="product"),
    re_path(f"^products/{PRODUCT}/signing$", signing_pages.signing, name="product_signing"),
    re_path(f"^products/{PRODUCT}/signing/generate$", signing_pages.generate, name="generate_product_secret"),
    re_path(f"^products/{PRODUCT}/signing/require$", signing_pages.require, name="require_signatures"),
    re_path(f"^products/{PRODUCT}/signing/{KEY_ID}/retire$", signing_pages.retire, name="retire_product_secret"),
    path("analytics", analytics.analytics, name="analytics"),
    path("analytics/licenses", analytics.used_licenses, name="used_licenses"),
    path("keys", key_pages.key_list, name="keys"),
    path("keys/generate", key_pages.generate, name="generate_key"),
    path("keys/<slug:key_id>/rotate", key_pages.rotate, name="rotate_key"),
    path("keys/<slug:key_id>/revoke", key_pages.revoke, name="revoke_key"),
    path("settings", settings.settings, name="settings"),
    path("settings/brand", settings.brand, name="brand"),
    path("settings/brand/remove-logo", settings.remove_logo, name="remove_logo"),
    path("settings/provisioning", settings.provisioning, name="provisioning"),
    LOGO,
]

tenant: list[URLPattern] = [LOGO]

apex: list[URLPattern] = [
    path("operator/vendors", operator.vendor_list, name="operator_vendors"),
    path("operator/vendors/create", operator.create),
    path("operator/vendors/<slug:vendor_id>/suspend", operator.suspend),
    path("operator/vendors/<slug:vendor_id>/resume", operator.resume),
]
