"""How licenses, leases and denials are shown to the tenant, and what may be sent about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Money, Whole
from cloudlicenses.web.json import FreeFormField
from licensing import queries
from licensing.models import Denial, Lease, License

MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "coerce_to_string": False}


class LicenseAnswer(serializers.Serializer[Any]):
    """A license with its terms and how it is used now."""

    license_id = serializers.CharField()
    vendor_id = serializers.CharField()
    vendor_name = serializers.CharField()
    product_id = serializers.CharField()
    product_name = serializers.CharField()
    version_constraint = serializers.CharField()
    features = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=License.Status.values)
    total_licenses = serializers.IntegerField()
    commit_qty = serializers.IntegerField()
    max_overage = serializers.IntegerField()
    in_use = serializers.IntegerField()
    available = serializers.IntegerField()
    overage_in_use = serializers.IntegerField()
    commit_fee_monthly = serializers.DecimalField(**MONEY)
    overage_per_use = serializers.DecimalField(**MONEY)
    overage_cost_this_month = serializers.DecimalField(**MONEY)
    currency = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    auto_renew = serializers.BooleanField()
    max_in_use_cap = serializers.IntegerField(allow_null=True)
    max_overage_cap = serializers.IntegerField(allow_null=True)
    monthly_budget = serializers.DecimalField(allow_null=True, **MONEY)


class LeaseAnswer(serializers.Serializer[Any]):
    lease_id = serializers.CharField()
    license_id = serializers.CharField()
    product_id = serializers.CharField()
    lease_type = serializers.ChoiceField(choices=["commit", "overage"])
    status = serializers.ChoiceField(choices=["active", "returned", "expired", "taken_back", "revoked"])
    cost = serializers.DecimalField(**MONEY)
    currency = serializers.CharField()
    user = serializers.CharField()
    hostname = serializers.CharField()
    key_id = serializers.CharField()
    version = serializers.CharField()
    features = serializers.ListField(child=serializers.CharField())
    offline = serializers.BooleanField()
    metadata = FreeFormField()
    issued_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class DenialAnswer(serializers.Serializer[Any]):
    product_id = serializers.CharField()
    license_id = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    user = serializers.CharField()
    hostname = serializers.CharField()
    key_id = serializers.CharField()
    at = serializers.DateTimeField()
    available_at = serializers.DateTimeField(allow_null=True)


class CapsRequest(serializers.Serializer[Any]):
    """Only what is named changes; null lifts a cap."""

    max_in_use = Whole(min_value=0, max_value=2_147_483_647, allow_null=True, required=False)
    max_overage = Whole(min_value=0, max_value=2_147_483_647, allow_null=True, required=False)
    monthly_budget = Money(allow_null=True, required=False)


def shown_license(license_: License) -> dict[str, Any]:
    """On rows of `queries.licenses()`."""
    same = (
        "vendor_id", "vendor_name", "product_id", "product_name", "version_constraint", "features", "status",
        "total_licenses", "commit_qty", "max_overage", "commit_fee_monthly", "overage_per_use", "currency", "auto_renew",
        "monthly_budget",
    )  # fmt: skip
    return {
        "license_id": license_.id,
        **{name: getattr(license_, name) for name in same},
        "in_use": license_.held,  # type: ignore[attr-defined]
        "available": queries.free_seats(license_),
        "overage_in_use": license_.held_overage,  # type: ignore[attr-defined]
        "overage_cost_this_month": queries.spent_this_month(license_),
        "starts_at": rfc3339(license_.starts_at),
        "ends_at": rfc3339(license_.ends_at),
        "max_in_use_cap": license_.cap_in_use,
        "max_overage_cap": license_.cap_overage,
    }


def shown_lease(lease: Lease) -> dict[str, Any]:
    same = (
        "license_id",
        "lease_type",
        "cost",
        "currency",
        "user",
        "hostname",
        "key_id",
        "version",
        "features",
        "metadata",
    )
    return {
        "lease_id": lease.id,
        "product_id": lease.license.product_id,
        "status": queries.status_of(lease),
        **{name: getattr(lease, name) for name in same},
        "offline": lease.is_offline,
        "issued_at": rfc3339(lease.issued_at),
        "expires_at": rfc3339(lease.expires_at),
        "ended_at": rfc3339(lease.ended_at) if lease.ended_at else None,
    }


def shown_denial(denial: Denial) -> dict[str, Any]:
    same = ("product_id", "code", "user", "hostname", "key_id")
    return {
        **{name: getattr(denial, name) for name in same},
        "license_id": denial.license_id or None,
        "at": rfc3339(denial.at),
        "available_at": rfc3339(denial.available_at) if denial.available_at else None,
    }
