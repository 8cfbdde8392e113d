"""What `licenses/generate`, `licenses/provision` and amendments take: types and sizes here, rules in vendors/terms.py.

Unknown members are ignored, so that a CRM may send what it likes to keep.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from cloudlicenses.kit import money
from cloudlicenses.web.fields import Day, Email, Flag, Line, Money, Text, Whole
from tenants.names import RESERVED, fault_of_tenant_id
from tenants.roles import TENANT_ID
from vendors import lifecycle, provisioning, terms

LONGEST_MESSAGE = 2000
MOST_FEATURES = 100
RELEASE = "[0-9]{1,9}([.][0-9]{1,9}){0,5}"
VERSION = f"{RELEASE}((a|b|rc)[0-9]{{1,9}})?([.]post[0-9]{{1,9}})?([.]dev[0-9]{{1,9}})?"
SPECIFIER = f"((==|!=|<=|>=|<|>) ?{VERSION}|(==|!=) ?{RELEASE}[.][*]|~= ?[0-9]{{1,9}}([.][0-9]{{1,9}}){{1,5}})"


class TenantId(Line):
    """The subdomain."""

    pattern = TENANT_ID.pattern
    told: ClassVar[dict[str, Any]] = {"not": {"anyOf": [{"enum": sorted(RESERVED)}, {"pattern": "^xn--"}]}}
    default_error_messages = {"shape": fault_of_tenant_id("")}


class ProductId(Line):
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
    default_error_messages = {"shape": "Must be 1 to 100 letters, digits, dots, hyphens and underscores."}


class VersionConstraint(Line):
    """Specifiers of PEP 440, such as `>=8.0.0` or `>=8,<9`; empty: every version."""

    pattern = f"{SPECIFIER}(, ?{SPECIFIER}){{0,9}}"
    default_error_messages = {"shape": "Must be version specifiers, such as >=8.0.0 or >=8,<9."}


def features_field(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=Line(max_length=100), max_length=MOST_FEATURES, **options)


class CustomerPart(serializers.Serializer[Any]):
    crm_account_id = Line(max_length=100, help_text="The CRM's own id of the customer.")
    name = Line(max_length=255)
    tenant_id = TenantId(help_text="The customer's subdomain; it need not exist yet.")
    contact_email = Email(required=False, allow_blank=True, help_text="Is told when licenses arrive.")


class ProductPart(serializers.Serializer[Any]):
    id = ProductId(help_text="Unique on the platform. A product that is new to the vendor is added to its catalogue.")
    name = Line(max_length=255, required=False, help_text="Needed for a new product.")
    version = VersionConstraint(
        max_length=100, required=False, allow_blank=True, help_text="Specifiers, such as >=8.0.0."
    )
    features = features_field(required=False, help_text="Without it, those of the catalogue.")


class PricingPart(serializers.Serializer[Any]):
    commit_fee_monthly = Money()
    overage_per_use = Money()
    currency = serializers.ChoiceField(sorted(money.CURRENCIES))


class EntitlementPart(serializers.Serializer[Any]):
    total_licenses = Whole(min_value=1, max_value=terms.MOST_LICENSES)
    commit_qty = Whole(min_value=0, max_value=terms.MOST_LICENSES)
    max_overage = Whole(min_value=0, max_value=terms.MOST_LICENSES)
    allow_unused_seats = Flag(
        required=False, help_text="commit_qty and max_overage may together be fewer than total_licenses."
    )
    pricing = PricingPart()


class ContractPart(serializers.Serializer[Any]):
    start_date = Day()
    end_date = Day(help_text="The last day.")
    auto_renew = Flag(required=False, help_text="After the last day it goes on by its own length.")
    billing_cycle = serializers.ChoiceField(terms.BILLING_CYCLES, required=False)


class GenerateRequest(serializers.Serializer[Any]):
    crm_opportunity_id = Line(max_length=100, help_text="One opportunity is one license, however often it is sent.")
    customer = CustomerPart()
    product = ProductPart()
    entitlement = EntitlementPart()
    contract = ContractPart()
    auto_provision = Flag(required=False, help_text="Without it, as the vendor has set it for all.")

    def order(self) -> terms.Order:
        said = self.validated_data
        product, entitlement = dict(said["product"]), dict(said["entitlement"])
        if "features" in product:
            product["features"] = tuple(product["features"])
        return terms.Order(
            crm_opportunity_id=said["crm_opportunity_id"],
            customer=terms.Customer(**said["customer"]),
            product=terms.Ware(**product),
            entitlement=terms.Entitlement(**entitlement.pop("pricing"), **entitlement),
            contract=terms.Contract(**said["contract"]),
            auto_provision=said.get("auto_provision"),
        )


class AccountPart(serializers.Serializer[Any]):
    crm_account_id = Line(max_length=100)


class NotificationPart(serializers.Serializer[Any]):
    email = Email(required=False, allow_blank=True)
    message = Text(required=False, allow_blank=True, max_length=LONGEST_MESSAGE)


class ProvisionRequest(serializers.Serializer[Any]):
    license_id = Line(max_length=120)
    customer = AccountPart(required=False, help_text="Must be the account the license was generated for.")
    notification = NotificationPart(required=False)

    def wishes(self) -> dict[str, Any]:
        """For `provisioning.provision`, besides who and which license."""
        told = self.validated_data.get("notification")
        return {
            "crm_account_id": self.validated_data.get("customer", {}).get("crm_account_id", ""),
            "notification": None if told is None else provisioning.Notification(**told),
        }


class AmendedPricing(serializers.Serializer[Any]):
    commit_fee_monthly = Money(required=False)
    overage_per_use = Money(required=False)


class AmendedEntitlement(serializers.Serializer[Any]):
    total_licenses = Whole(min_value=1, max_value=terms.MOST_LICENSES, required=False)
    commit_qty = Whole(min_value=0, max_value=terms.MOST_LICENSES, required=False)
    max_overage = Whole(min_value=0, max_value=terms.MOST_LICENSES, required=False)
    allow_unused_seats = Flag(required=False)
    pricing = AmendedPricing(required=False)


class AmendedContract(serializers.Serializer[Any]):
    end_date = Day(required=False)
    auto_renew = Flag(required=False)


class AmendRequest(serializers.Serializer[Any]):
    entitlement = AmendedEntitlement(required=False)
    contract = AmendedContract(required=False)

    def amendment(self) -> lifecycle.Amendment:
        entitlement = dict(self.validated_data.get("entitlement", {}))
        prices = entitlement.pop("pricing", {})
        return lifecycle.Amendment(**entitlement, **prices, **self.validated_data.get("contract", {}))


class RenewRequest(serializers.Serializer[Any]):
    end_date = Day(required=False, help_text="Without it, one more term of the contract's length.")
