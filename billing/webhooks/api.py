"""A vendor's webhooks: where messages go, and what became of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.webhooks import deliveries, endpoints, serializers
from cloudlicenses.web.pagination import LARGEST_LIMIT, answer_of, page_of
from keys.faces import VendorApi

LIST_PARAMETERS = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": 50}),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next_cursor` of the page before."),
]


class Webhooks(VendorApi):
    @extend_schema(
        operation_id="list_webhooks",
        parameters=LIST_PARAMETERS,
        responses={200: answer_of("EndpointPage", serializers.Endpoint)},
    )
    def get(self, request: Request) -> Response:
        """The vendor's endpoints, newest first."""
        return Response(page_of(endpoints.endpoints(), request.query_params, serializers.endpoint))

    @extend_schema(
        operation_id="add_webhook",
        request=serializers.AddRequest,
        responses={201: serializers.EndpointWithSecret},
    )
    def post(self, request: Request) -> Response:
        """A new endpoint. Its signing secret is in this answer only."""
        wanted = _checked(serializers.AddRequest, request)

        def add() -> tuple[int, dict[str, Any]]:
            endpoint, secret = endpoints.add(
                self.vendor_id,
                url=wanted["url"],
                listens_to=wanted["events"],
                authorization=wanted.get("authorization", ""),
                actor=self.actor,
            )
            return 201, serializers.endpoint(endpoint) | {"secret": secret}

        return self.once(request, add)


class Webhook(VendorApi):
    @extend_schema(operation_id="webhook", responses={200: serializers.Endpoint})
    def get(self, request: Request, endpoint_id: str) -> Response:
        """One endpoint."""
        return Response(serializers.endpoint(endpoints.endpoint_for(endpoint_id)))

    @extend_schema(
        operation_id="change_webhook", request=serializers.ChangeRequest, responses={200: serializers.Endpoint}
    )
    def patch(self, request: Request, endpoint_id: str) -> Response:
        """Another URL, other events, another token, or a pause."""
        changes = _checked(serializers.ChangeRequest, request)
        return Response(serializers.endpoint(endpoints.change(endpoint_id, changes, actor=self.actor)))

    @extend_schema(operation_id="remove_webhook", responses={204: None})
    def delete(self, request: Request, endpoint_id: str) -> Response:
        """Remove the endpoint, what waits for it, and the log of its deliveries."""
        endpoints.remove(endpoint_id, actor=self.actor)
        return Response(status=204)


class WebhookSecret(VendorApi):
    @extend_schema(operation_id="rotate_webhook_secret", request=None, responses={200: serializers.EndpointWithSecret})
    def post(self, request: Request, endpoint_id: str) -> Response:
        """A new signing secret, in this answer only. For 24 hours messages are signed with the former one too."""

        def rotate() -> tuple[int, dict[str, Any]]:
            endpoint, secret = endpoints.rotate_secret(endpoint_id, actor=self.actor)
            return 200, serializers.endpoint(endpoint) | {"secret": secret}

        return self.once(request, rotate)


class WebhookTest(VendorApi):
    @extend_schema(operation_id="test_webhook", request=None, responses={202: serializers.Delivery})
    def post(self, request: Request, endpoint_id: str) -> Response:
        """A message of event `webhook.test`, to this endpoint alone; its delivery is logged as any other's."""
        return Response(serializers.delivery(deliveries.send_test(endpoint_id, actor=self.actor)), status=202)


class Deliveries(VendorApi):
    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=LIST_PARAMETERS,
        responses={200: answer_of("DeliveryPage", serializers.Delivery)},
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        """What was sent to an endpoint, newest first, with the log of every try."""
        return Response(page_of(deliveries.deliveries_of(endpoint_id), request.query_params, serializers.delivery))


class Redelivery(VendorApi):
    @extend_schema(operation_id="redeliver_webhook", request=None, responses={202: serializers.Delivery})
    def post(self, request: Request, endpoint_id: str, delivery_id: str) -> Response:
        """Send a message again, under the same webhook-id."""
        delivery = deliveries.redeliver(endpoint_id, delivery_id, actor=self.actor)
        return Response(serializers.delivery(delivery), status=202)


def _checked(kind: type[Any], request: Request) -> dict[str, Any]:
    wanted = kind(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)
