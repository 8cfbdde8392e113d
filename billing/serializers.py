"""What billing's API takes and gives, in the words of the contract. Answers are built elsewhere; these classes document them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cloudlicenses.web.fields import Day, Line

FORMATS = ("json", "csv", "pdf")
COLUMN_SETS = ("contract", "extended")


class Amount(serializers.DecimalField):
    """Money in an answer: a JSON number with two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=16, decimal_places=2, coerce_to_string=False, **options)


class OverageQuery(serializers.Serializer[Any]):
    start_date = Day(required=False, help_text="First day, UTC. The present month's when neither day is given.")
    end_date = Day(required=False, help_text="Last day, UTC, included. The end of start_date's month when left out.")
    customer_crm_id = Line(required=False, max_length=100, help_text="One CRM account only.")
    format = serializers.ChoiceField(choices=FORMATS, default="json")
    columns = serializers.ChoiceField(
        choices=COLUMN_SETS, default="contract", help_text="CSV: `extended` adds Commit_Fee and Total_Billable."
    )


class Period(serializers.Serializer[Any]):
    start = serializers.DateField()
    end = serializers.DateField()


class BilledFigures(serializers.Serializer[Any]):
    overage_checkouts = serializers.IntegerField()
    overage_cost = Amount()
    commit_fee = Amount()
    total_billable = Amount()
    currency = serializers.CharField()


class BilledProduct(BilledFigures):
    product_id = serializers.CharField()
    product_name = serializers.CharField()
    license_id = serializers.CharField()
    license_ids = serializers.ListField(child=serializers.CharField())
    billing_period = serializers.RegexField(r"^\d{4}-\d{2}$")


class BilledCustomer(serializers.Serializer[Any]):
    crm_account_id = serializers.CharField()
    tenant_id = serializers.CharField()
    customer_name = serializers.CharField()
    products = BilledProduct(many=True)


class OverageReport(serializers.Serializer[Any]):
    vendor_id = serializers.CharField()
    period = Period()
    total_overage_revenue = Amount(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    customers = BilledCustomer(many=True)
    totals = BilledFigures(allow_null=True)
    totals_by_currency = BilledFigures(many=True)


class CostFigures(serializers.Serializer[Any]):
    commit_checkouts = serializers.IntegerField()
    overage_checkouts = serializers.IntegerField()
    overage_cost = Amount()
    commit_fee = Amount()
    total_cost = Amount()
    currency = serializers.CharField()


class CostProduct(CostFigures):
    product_id = serializers.CharField()
    product_name = serializers.CharField()
    license_ids = serializers.ListField(child=serializers.CharField())


class CostVendor(serializers.Serializer[Any]):
    vendor_id = serializers.CharField()
    vendor_name = serializers.CharField()
    products = CostProduct(many=True)


class Month(Line):
    pattern = "20[0-9]{2}-(0[1-9]|1[0-2])"
    default_error_messages = {"shape": "Must be a month, as 2025-11."}


class CostsQuery(serializers.Serializer[Any]):
    period = Month(required=False, help_text="A month, UTC; the present one when left out.")


class CostsAnswer(serializers.Serializer[Any]):
    tenant_id = serializers.CharField()
    period = serializers.RegexField(r"^\d{4}-\d{2}$")
    vendors = CostVendor(many=True)
    totals = CostFigures(allow_null=True)
    totals_by_currency = CostFigures(many=True)
