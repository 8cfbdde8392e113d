"""What vendors hear when something can't be sold, provisioned or changed."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class VendorTaken(Refusal):
    kind = Kind.CONFLICT
    code = "vendor_taken"
    title = gettext_noop("This vendor id is taken. Choose another.")


class ProductTaken(Refusal):
    kind = Kind.CONFLICT
    code = "product_taken"
    title = gettext_noop("This product id is taken. Product ids are unique on the platform: choose another.")


class OpportunityConflict(Refusal):
    kind = Kind.CONFLICT
    code = "opportunity_conflict"
    title = gettext_noop(
        "This opportunity has a license with other content. Amend that license, or send another opportunity id."
    )


class AccountConflict(Refusal):
    kind = Kind.CONFLICT
    code = "account_conflict"
    title = gettext_noop("This CRM account belongs to another customer.")


class CustomerNotActive(Refusal):
    kind = Kind.CONFLICT
    code = "customer_not_active"
    title = gettext_noop("The customer's tenant is suspended or deleted. Nothing can be provisioned into it.")


class PlanLimitReached(Refusal):
    kind = Kind.CONFLICT
    code = "plan_limit_reached"
    title = gettext_noop(
        "The customer's plan does not allow more. The customer can choose a larger plan, then provision again."
    )


class LicenseNotProvisioned(Refusal):
    kind = Kind.CONFLICT
    code = "license_not_provisioned"
    title = gettext_noop("This license is not in its customer's tenant. Provision it first.")


class LicenseRevoked(Refusal):
    kind = Kind.CONFLICT
    code = "license_revoked"
    title = gettext_noop("This license was revoked for good. Generate a new one.")
