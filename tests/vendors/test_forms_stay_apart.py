"""What one vendor may choose from is offered to nobody else, though all requests of a process share the forms' classes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from cloudlicenses.web.forms import FilterForm
from tenants import context
from tests import builders, cast
from vendors.forms.licenses import LicenseFilter
from vendors.models import Product
from vendors.pages.analytics import AnalyticsFilter

OURS = (
    "accounts",
    "alerts",
    "audit",
    "billing",
    "certificates",
    "cloudlicenses",
    "insight",
    "keys",
    "licensing",
    "tenants",
    "vendors",
)


@pytest.mark.usefixtures("db")
def test_what_one_vendor_may_choose_is_not_left_on_the_class() -> None:
    builders.account(tenant_id=cast.MERCEDES.id)
    with context.acting_for(cast.VECTOR.id):
        of_vector: list[FilterForm] = [
            AnalyticsFilter({}, cast.VECTOR.id), LicenseFilter({}, Product.objects.filter(vendor_id=cast.VECTOR.id))
        ]  # fmt: skip
    with context.acting_for(cast.GREENHILLS.id):
        of_green_hills: list[FilterForm] = [
            AnalyticsFilter({}, cast.GREENHILLS.id), LicenseFilter({}, Product.objects.none())
        ]  # fmt: skip
    assert cast.MERCEDES.id in str(of_vector[0]["tenant"])
    assert cast.MERCEDES.id not in str(of_green_hills[0]["tenant"])
    for form in of_vector + of_green_hills:
        left = {name: getattr(field, "choices", None) for name, field in type(form).base_fields.items()}
        assert not left.get("tenant"), left
        assert not left["product"], left


def test_no_request_writes_on_a_forms_class() -> None:
    files = [path for app in OURS for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    touched = [
        f"{path}:{node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"base_fields", "declared_fields"}
    ]
    assert touched == []
