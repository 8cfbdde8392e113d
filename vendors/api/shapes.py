"""What the vendors' API answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cloudlicenses.web.pages import tenant_url
from vendors.customers import CustomerFacts
from vendors.models import IssuedLicense
from vendors.packages import package_url


def amount() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2)


class SoldTo(serializers.Serializer[Any]):
    crm_account_id = serializers.CharField(source="account.crm_account_id")
    name = serializers.CharField(source="account.customer_name")
    tenant_id = serializers.CharField()
    contact_email = serializers.CharField(source="account.contact_email")


class SoldProduct(serializers.Serializer[Any]):
    id = serializers.CharField(source="product_id")
    name = serializers.CharField(source="product.name")
    version = serializers.CharField(source="version_constraint")
    features = serializers.ListField(child=serializers.CharField())


class SoldPricing(serializers.Serializer[Any]):
    commit_fee_monthly = amount()
    overage_per_use = amount()
    currency = serializers.CharField()


class SoldEntitlement(serializers.Serializer[Any]):
    total_licenses = serializers.IntegerField()
    commit_qty = serializers.IntegerField()
    max_overage = serializers.IntegerField()
    pricing = SoldPricing(source="*")


class SoldContract(serializers.Serializer[Any]):
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    auto_renew = serializers.BooleanField()
    billing_cycle = serializers.CharField()


class IssuedLicenseAnswer(serializers.Serializer[Any]):
    license_id = serializers.CharField(source="id")
    crm_opportunity_id = serializers.CharField()
    status = serializers.ChoiceField(IssuedLicense.Status.values)
    revision = serializers.IntegerField(help_text="Grows with every change.")
    customer = SoldTo(source="*")
    product = SoldProduct(source="*")
    entitlement = SoldEntitlement(source="*")
    contract = SoldContract(source="*")
    package_url = serializers.SerializerMethodField()
    customer_tenant = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    provisioned_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)

    def get_package_url(self, license: IssuedLicense) -> str:
        return package_url(license.id)

    def get_customer_tenant(self, license: IssuedLicense) -> str | None:
        return tenant_url(license.tenant_id) if license.provisioned_at else None


class GenerateAnswer(serializers.Serializer[Any]):
    license_id = serializers.CharField(source="id")
    crm_opportunity_id = serializers.CharField()
    package_url = serializers.SerializerMethodField()
    status = serializers.ChoiceField(IssuedLicense.Status.values)
    customer_tenant = serializers.SerializerMethodField()
    provisioned_at = serializers.DateTimeField(allow_null=True)

    def get_package_url(self, license: IssuedLicense) -> str:
        return package_url(license.id)

    def get_customer_tenant(self, license: IssuedLicense) -> str | None:
        return tenant_url(license.tenant_id) if license.provisioned_at else None


class ProvisionAnswer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(IssuedLicense.Status.values, source="license.status")
    tenant_url = serializers.SerializerMethodField()
    provisioned_at = serializers.DateTimeField(source="license.provisioned_at", allow_null=True)
    customer_notified = serializers.BooleanField()

    def get_tenant_url(self, provisioned: Any) -> str | None:
        license = provisioned.license
        return tenant_url(license.tenant_id) if license.provisioned_at else None


class CustomerAnswer(serializers.Serializer[Any]):
    crm_account_id = serializers.CharField(allow_null=True, help_text="Null: not a customer of this vendor yet.")
    platform_customer_id = serializers.CharField(allow_null=True)
    tenant_id = serializers.CharField()
    tenant_url = serializers.SerializerMethodField()
    company_name = serializers.CharField()
    status = serializers.ChoiceField(["active", "provisioning", "suspended", "deleted", "not_registered"])
    registered_at = serializers.DateTimeField(allow_null=True)

    def get_tenant_url(self, customer: CustomerFacts) -> str | None:
        return tenant_url(customer.tenant_id) if customer.has_tenant else None


class SearchAnswer(serializers.Serializer[Any]):
    found = serializers.BooleanField()
    customer = CustomerAnswer(required=False)


class ProductAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    version = serializers.CharField(source="version_constraint")
    features = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class VendorKeyAnswer(serializers.Serializer[Any]):
    key_id = serializers.CharField(source="id")
    app_name = serializers.CharField()
    hint = serializers.CharField(help_text="The key's last characters.")
    scopes = serializers.ListField(child=serializers.CharField())
    allowed_ip_ranges = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    replaced_by = serializers.CharField(help_text="Rotated: the key that takes its place; works until expires_at.")


class NewVendorKeyAnswer(VendorKeyAnswer):
    api_key = serializers.CharField(help_text="Shown this once.")


class UsageRowAnswer(serializers.Serializer[Any]):
    period = serializers.DateTimeField(help_text="Its first instant, UTC.")
    crm_account_id = serializers.CharField()
    tenant_id = serializers.CharField()
    product_id = serializers.CharField()
    checkouts = serializers.IntegerField()
    overage_checkouts = serializers.IntegerField()
    overage_cost = serializers.DecimalField(max_digits=None, decimal_places=2)
    currency = serializers.CharField()
    in_use = serializers.IntegerField(help_text="Seats in use at the period's end, or now.")
    peak_in_use = serializers.IntegerField(help_text="The most seats at once.")
    seat_hours = serializers.DecimalField(
        max_digits=None, decimal_places=2, help_text="Each seat for as long as it was in use."
    )
    denials = serializers.IntegerField(help_text="Checkouts refused, for any reason.")
    denials_for_seats = serializers.IntegerField(help_text="Those that more seats would have granted.")
