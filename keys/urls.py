from __future__ import annotations

from django.urls import path

from keys import api, pages

apex = [
    path(".well-known/key-patterns.json", api.key_patterns),
    path("api/v1/keys/report-leak", api.report_leak),
]
tenant = [
    path(".well-known/jwks.json", api.lease_keys),
    path("api/v1/keys", api.Keys.as_view()),
    path("api/v1/keys/generate", api.GenerateKey.as_view()),
    path("api/v1/keys/<str:key_id>", api.Key.as_view()),
    path("api/v1/keys/<str:key_id>/restrictions", api.KeyRestrictions.as_view()),
    path("api/v1/keys/<str:key_id>/rotate", api.KeyRotation.as_view()),
    path("keys", pages.key_list, name="keys"),
    path("keys/generate", pages.generate, name="generate_key"),
    path("keys/<str:key_id>", pages.key_page, name="key"),
    path("keys/<str:key_id>/restrictions", pages.restrictions, name="restrictions"),
    path("keys/<str:key_id>/rotate", pages.rotate, name="rotate_key"),
    path("keys/<str:key_id>/revoke", pages.revoke, name="revoke_key"),
]
