"""The catalogue over the vendors' API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cloudlicenses.web import pagination
from cloudlicenses.web.fields import Line
from keys.faces import VendorApi
from vendors import catalog, queries, terms
from vendors.api.orders import ProductId, VersionConstraint, features_field
from vendors.api.shapes import ProductAnswer


class ProductRequest(serializers.Serializer[Any]):
    id = ProductId(help_text="Unique on the platform.")
    name = Line(max_length=255)
    version = VersionConstraint(
        max_length=100, required=False, allow_blank=True, help_text="Specifiers, such as >=8.0.0."
    )
    features = features_field(required=False)


class ProductChange(serializers.Serializer[Any]):
    name = Line(max_length=255, required=False)
    version = VersionConstraint(max_length=100, required=False, allow_blank=True)
    features = features_field(required=False)


class Products(VendorApi):
    @extend_schema(
        operation_id="list_products",
        parameters=pagination.PARAMETERS,
        responses={200: pagination.answer_of("ProductPage", ProductAnswer)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        found = queries.products_of(self.vendor_id)
        return Response(pagination.page_of(found, request.query_params, ProductAnswer().to_representation))

    @extend_schema(operation_id="create_product", request=ProductRequest, responses={201: ProductAnswer})
    def post(self, request: Request) -> Response:
        """Add a product to the catalogue."""
        wanted = ProductRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = wanted.validated_data | {"features": tuple(wanted.validated_data.get("features", ()))}

        def produce() -> tuple[int, dict[str, Any]]:
            product = catalog.add(self.actor, self.vendor_id, terms.Ware(**said))
            return 201, ProductAnswer().to_representation(product)

        return self.once(request, produce)


class Product(VendorApi):
    @extend_schema(operation_id="change_product", request=ProductChange, responses={200: ProductAnswer})
    def patch(self, request: Request, product_id: str) -> Response:
        """Holds for licenses generated from now on."""
        wanted = ProductChange(data=request.data)
        wanted.is_valid(raise_exception=True)
        product = catalog.change(self.actor, self.vendor_id, product_id, wanted.validated_data)
        return Response(ProductAnswer().to_representation(product))
