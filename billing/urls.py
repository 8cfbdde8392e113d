from __future__ import annotations

from django.urls import path

from billing import api, pages
from billing.portal.pages import bills, dashboard
from billing.webhooks import api as webhooks
from billing.webhooks import pages as webhook_pages

vendors = [
    path("api/v1/billing/overage", api.OverageExport.as_view()),
    path("api/v1/webhooks", webhooks.Webhooks.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>", webhooks.Webhook.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/rotate-secret", webhooks.WebhookSecret.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/test", webhooks.WebhookTest.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/deliveries", webhooks.Deliveries.as_view()),
    path("api/v1/webhooks/<str:endpoint_id>/deliveries/<str:delivery_id>/redeliver", webhooks.Redelivery.as_view()),
    path("", dashboard.dashboard, name="home"),
    path("billing", bills.bills, name="billing"),
    path("billing/<str:period>.<str:ending>", bills.export, name="billing_export"),
    path("billing/<str:period>/<int:account_id>", bills.customer_bill, name="customer_bill"),
    path("billing/<str:period>/<int:account_id>/charges.csv", bills.charge_file, name="charge_file"),
    path("webhooks", webhook_pages.endpoint_list, name="webhooks"),
    path("webhooks/add", webhook_pages.add, name="add_webhook"),
    path("webhooks/<slug:endpoint_id>", webhook_pages.endpoint_page, name="webhook"),
    path("webhooks/<slug:endpoint_id>/change", webhook_pages.change, name="change_webhook"),
    path("webhooks/<slug:endpoint_id>/pause", webhook_pages.pause, name="pause_webhook"),
    path("webhooks/<slug:endpoint_id>/test", webhook_pages.test, name="test_webhook"),
    path("webhooks/<slug:endpoint_id>/rotate-secret", webhook_pages.rotate_secret, name="rotate_webhook_secret"),
    path("webhooks/<slug:endpoint_id>/remove", webhook_pages.remove, name="remove_webhook"),
    path(
        "webhooks/<slug:endpoint_id>/deliveries/<slug:delivery_id>/redeliver", webhook_pages.redeliver, name="redeliver"
    ),
]

tenant = [
    path("api/v1/costs", api.Costs.as_view()),
    path("costs", pages.month_page, name="costs"),
    path("costs/month.<slug:ending>", pages.month_file, name="month_file"),
    path("costs/charges", pages.charge_list, name="charges"),
    path("costs/charges.<slug:ending>", pages.charge_file, name="charge_file"),
]
