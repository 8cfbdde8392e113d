from __future__ import annotations

from django.urls import path

from tenants import api
from tenants.pages import signup

apex = [
    path("api/v1/tenants/register", api.register_tenant),
    path("api/v1/tenants/verify", api.verify_tenant),
    path("api/v1/tenants/<str:tenant_id>/status", api.tenant_status),
    path("signup", signup.sign_up, name="signup"),
    path("signup/<str:tenant_id>", signup.sign_up_status, name="signup_status"),
]
