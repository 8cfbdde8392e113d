from __future__ import annotations

from django.urls import path

from billing import api, pages
from billing.webhooks import api as webhooks

vendors = [
    path("api/v1/billing/overage", api.OverageExport.as_view()),
    path("api/v1/webhooks", webhooks.Webhooks.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>", webhooks.Webhook.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/rotate-secret", webhooks.WebhookSecret.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/test", webhooks.WebhookTest.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/deliveries", webhooks.Deliveries.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/deliveries/<str:delivery_id>/redeliver", webhooks.Redelivery.as_view()),
]

tenant = [
    path("api/v1/costs", api.Costs.as_view()),
    path("costs", pages.costs, name="costs"),
]
