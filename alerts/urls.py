"""Addresses of this app on a tenant's host."""

from __future__ import annotations

from django.urls import path

from alerts import api
from alerts.pages import alerts, channels, revoking, settings

tenant = [
    path("api/v1/alerts", api.Alerts.as_view()),
    path("api/v1/alerts/<str:alert_id>", api.Alert.as_view()),
    path("api/v1/alerts/<str:alert_id>/acknowledge", api.Acknowledgement.as_view()),
    path("api/v1/alerts/<str:alert_id>/resolve", api.Resolution.as_view()),
    path("api/v1/alert-rules", api.Rules.as_view()),
    path("api/v1/alert-rules/<str:kind>", api.Rule.as_view()),
    path("api/v1/alert-channels", api.Channels.as_view()),
    path("api/v1/alert-channels/<str:channel_id>", api.Channel.as_view()),
    path("api/v1/alert-channels/<str:channel_id>/rotate-secret", api.ChannelSecret.as_view()),
    path("api/v1/alert-channels/<str:channel_id>/test", api.ChannelTest.as_view()),
    path("api/v1/alert-channels/<str:channel_id>/deliveries", api.Deliveries.as_view()),
    path("api/v1/business-hours", api.Hours.as_view()),
    path("alerts", alerts.alert_list, name="alerts"),
    path("alerts/open", alerts.open_count, name="open_alerts"),
    path("alerts/rules", settings.rule_list, name="alert_rules"),
    path("alerts/rules/<slug:kind>", settings.rule, name="alert_rule"),
    path("alerts/hours", settings.hours, name="business_hours"),
    path("alerts/channels", channels.channel_list, name="alert_channels"),
    path("alerts/channels/add/<slug:kind>", channels.add, name="add_alert_channel"),
    path("alerts/channels/<slug:channel_id>", channels.channel_page, name="alert_channel"),
    path("alerts/channels/<slug:channel_id>/change", channels.change, name="change_alert_channel"),
    path("alerts/channels/<slug:channel_id>/pause", channels.pause, name="pause_alert_channel"),
    path("alerts/channels/<slug:channel_id>/test", channels.test, name="test_alert_channel"),
    path("alerts/channels/<slug:channel_id>/rotate-secret", channels.rotate_secret, name="rotate_alert_secret"),
    path("alerts/channels/<slug:channel_id>/remove", channels.remove, name="remove_alert_channel"),
    path("alerts/revoke/<str:secret>", revoking.revoke_key, name="revoke_by_link"),
    path("alerts/<slug:alert_id>", alerts.alert_page, name="alert"),
    path("alerts/<slug:alert_id>/acknowledge", alerts.acknowledge, name="acknowledge_alert"),
    path("alerts/<slug:alert_id>/resolve", alerts.resolve, name="resolve_alert"),
]
