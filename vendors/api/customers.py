"""Customers over the vendors' API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.web import pagination
from cloudlicenses.web.fields import Line
from keys.faces import VendorApi
from vendors import customers, queries, terms
from vendors.api.orders import CustomerPart
from vendors.api.shapes import CustomerAnswer, SearchAnswer


class CustomerQuery(serializers.Serializer[Any]):
    """One of the three."""

    crm_account_id = Line(required=False, max_length=100)
    tenant_id = Line(required=False, max_length=40)
    name = Line(required=False, max_length=255, help_text="Or part of it; among the vendor's own customers.")


class SearchCustomer(VendorApi):
    @extend_schema(operation_id="search_customer", parameters=[CustomerQuery], responses={200: SearchAnswer})
    def get(self, request: Request) -> Response:
        """By exactly one of CRM account id, tenant id and name."""
        asked = CustomerQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = customers.find(self.vendor_id, **asked.validated_data)
        if found is None:
            return Response({"found": False})
        return Response({"found": True, "customer": CustomerAnswer().to_representation(found)})


class Customers(VendorApi):
    @extend_schema(
        operation_id="list_customers",
        parameters=pagination.PARAMETERS,
        responses={200: pagination.answer_of("CustomerPage", CustomerAnswer)},
    )
    def get(self, request: Request) -> Response:
        """The vendor's CRM accounts, newest first."""
        page = pagination.page_of(queries.accounts_of(self.vendor_id), request.query_params, lambda account: account)
        page["data"] = [CustomerAnswer().to_representation(facts) for facts in customers.facts_of(page["data"])]
        return Response(page)

    @extend_schema(operation_id="link_customer", request=CustomerPart, responses={200: CustomerAnswer})
    def post(self, request: Request) -> Response:
        """Linked again, its name and contact change; and its tenant, before anything is sold."""
        said = CustomerPart(data=request.data)
        said.is_valid(raise_exception=True)

        def produce() -> tuple[int, dict[str, Any]]:
            account = customers.link(self.actor, self.vendor_id, terms.Customer(**said.validated_data))
            return 200, CustomerAnswer().to_representation(customers.facts_of([account])[0])

        return self.once(request, produce)
