"""Addresses of this app on a tenant's host."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from applications import api, pages

PRODUCT = "(?P<product_id>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"

tenant: list[URLPattern] = [
    path("api/v1/fingerprints", api.Fingerprints.as_view()),
    path("api/v1/fingerprints/<slug:fingerprint_id>/approve", api.ApproveFingerprint.as_view()),
    path("api/v1/fingerprints/<slug:fingerprint_id>/block", api.BlockFingerprint.as_view()),
    path("api/v1/fingerprint-modes", api.Modes.as_view()),
    re_path(f"^api/v1/fingerprint-modes/{PRODUCT}$", api.Mode.as_view()),
    path("api/v1/devices", api.Devices.as_view()),
    path("api/v1/devices/<slug:device_id>", api.OneDevice.as_view()),
    path("api/v1/devices/<slug:device_id>/approve", api.ApproveDevice.as_view()),
    path("api/v1/device-policy", api.Policy.as_view()),
    path("applications", pages.application_list, name="applications"),
    path("applications/decide", pages.decide, name="decide_applications"),
    re_path(f"^applications/mode/{PRODUCT}$", pages.mode, name="application_mode"),
    path("devices", pages.device_list, name="devices"),
    path("devices/policy", pages.policy, name="device_policy"),
    path("devices/<slug:device_id>/approve", pages.approve_device, name="approve_device"),
    path("devices/<slug:device_id>/revoke", pages.revoke_device, name="revoke_device"),
]
