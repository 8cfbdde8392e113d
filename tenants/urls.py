from __future__ import annotations

from django.urls import path

from tenants import api
from tenants.pages import operator, signup

apex = [
    path("api/v1/tenants/register", api.register_tenant),
    path("api/v1/tenants/verify", api.verify_tenant),
    path("api/v1/tenants/<str:tenant_id>/status", api.tenant_status),
    path("signup", signup.sign_up, name="signup"),
    path("signup/<str:tenant_id>", signup.sign_up_status, name="signup_status"),
    path("operator/", operator.tenant_list, name="operator"),
    path("operator/tenants/<str:tenant_id>", operator.tenant_page, name="operator_tenant"),
    path("operator/tenants/<str:tenant_id>/retry", operator.retry),
    path("operator/tenants/<str:tenant_id>/suspend", operator.suspend),
    path("operator/tenants/<str:tenant_id>/resume", operator.resume),
    path("operator/tenants/<str:tenant_id>/delete", operator.delete),
    path("operator/registrations", operator.registrations, name="operator_registrations"),
    path("operator/registrations/<int:registration_id>/vouch", operator.vouch),
]
