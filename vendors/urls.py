"""Addresses of this app on the vendors' host, and of the operator's pages about vendors on the apex."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from vendors.api import customers, keys, licenses, packages, products, usage
from vendors.pages import operator, portal

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
    re_path(r"^api/v1/products/(?P<product_id>[A-Za-z0-9][A-Za-z0-9._-]{0,99})$", products.Product.as_view()),
    path("api/v1/keys", keys.VendorKeys.as_view()),
    path("api/v1/keys/<slug:key_id>", keys.VendorKey.as_view()),
    path("api/v1/keys/<slug:key_id>/rotate", keys.RotateVendorKey.as_view()),
    path("api/v1/usage", usage.Usage.as_view()),
    path("", portal.home, name="home"),
]

apex: list[URLPattern] = [
    path("operator/vendors", operator.vendor_list, name="operator_vendors"),
    path("operator/vendors/create", operator.create),
    path("operator/vendors/<slug:vendor_id>/suspend", operator.suspend),
    path("operator/vendors/<slug:vendor_id>/resume", operator.resume),
]
