"""What is sent and answered, as DRF serializers. The lease's token is added by the view."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from licensing.models import Lease


class CheckoutRequest(serializers.Serializer[Any]):
    product_id = serializers.CharField(max_length=100)
    user = serializers.CharField(max_length=254)
    hostname = serializers.CharField(max_length=253, required=False, default="")
    version = serializers.CharField(max_length=64, required=False, default="")
    features = serializers.ListField(child=serializers.CharField(max_length=100), required=False, default=list)
    duration_seconds = serializers.IntegerField(min_value=1, max_value=86_400, required=False, default=900)
    offline = serializers.BooleanField(required=False, default=False)
    metadata = serializers.JSONField(required=False, default=dict)


class ReturnRequest(serializers.Serializer[Any]):
    lease_id = serializers.CharField(max_length=40)
    usage_metadata = serializers.JSONField(required=False, default=None)


class LeaseAnswer(serializers.ModelSerializer[Lease]):
    lease_id = serializers.CharField(source="id")

    class Meta:
        model = Lease
        fields = (
            "lease_id", "license_id", "lease_type", "cost", "currency", "issued_at", "expires_at", "features",
        )  # fmt: skip


class ReturnAnswer(serializers.ModelSerializer[Lease]):
    lease_id = serializers.CharField(source="id")
    total_cost = serializers.DecimalField(source="cost", max_digits=12, decimal_places=2)

    class Meta:
        model = Lease
        fields = ("lease_id", "lease_type", "total_cost", "currency")
