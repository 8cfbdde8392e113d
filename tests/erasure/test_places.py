"""Every column that could name a person is in the table of places, or known to hold none: a new one has to be decided about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from cloudlicenses.erasure.person import Person
from cloudlicenses.erasure.places import ABOUT_A_TENANT, IN_A_TENANT, OF_A_VENDOR, OF_THE_PLATFORM

WORDS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField, ArrayField)
LOGS = ("AuditEntry", "TreeLeaf", "TreeNode", "TreeHead", "LogKey")  # accounts/erasing.py
ACCOUNTS = (
    "User",
    "Invitation",
    "PasswordReset",
    "Totp",
    "RecoveryCode",
    "Passkey",
    "Session",
    "PersonalToken",
)  # deleted
# Ids, states, kinds, codes, hashes, terms, and what companies are called; a tenant's administrator is carrying_out.py's.
NOBODY = {
    "AccessPolicy": "second_factor_roles vendor_id",
    "Alert": "id kind severity status subject_id subject_kind",
    "ApiKey": "allowed_ip_ranges allowed_products app_type hint id owner replaced_by scopes secret_hash",
    "Authority": "fingerprint id revoked_serials serial subject",
    "Calendar": "holidays hours zone",
    "Certificate": "fingerprint id key_type revocation_reason serial",
    "Channel": "hint id kind kinds language least_severity",  # the hint with its target: alerts.channels.forget_receiver
    "ClosedMonth": "",
    "CrmAccount": "crm_account_id customer_name tenant_id",
    "DataKey": "owner wrapped_by",
    "Delivered": "listener",
    "Delivery": "event id message_id status",
    "Denial": "code key_id license_id product_id",
    "Device": "algorithm id key_id registered_with state thumbprint",
    "Domain": "domain",
    "Erasure": "id tenant_id vendor_id",
    "Fingerprint": "id key_id lib_version product_id state value",
    "IdempotentAnswer": "caller key request_digest",  # a person's go with the account, all others within a day
    "Invoice": "body crm_account_id currency id tenant_id vendor_id",
    "IssuedLicense": "billing_cycle crm_opportunity_id currency features id package request_digest status tenant_id"
    " version_constraint",
    "Lease": "currency ended_by features id key_id lease_type version",
    "License": "currency features id package product_id product_name status vendor_id vendor_name version_constraint",
    "LicenseWeek": "license_id tenant_id vendor_id product_id",
    "Logo": "",
    "OnboardingStep": "name",
    "OutboxEntry": "event tenant_id vendor_id",
    "Pace": "minutes subject what",
    "Product": "features id name version_constraint",
    "ProductGuard": "mode product_id",
    "ProductSecret": "id vendor_id",
    "Registration": "company_name country domain plan region status tax_id tenant_id token",
    "RevokeLink": "key_id secret_hash",
    "Rule": "kind severity thresholds",
    "SealDue": "source",
    "SealedCharges": "entries kid tenant_id vendor_id",
    "SealedUpTo": "gaps source",
    "Sighting": "key_id kind",
    "SignedProduct": "product_id vendor_id",
    "SigningKey": "algorithm kid owner",
    "StatementLine": "currency kind license_id product_id tenant_id vendor_id",
    "SweepDue": "tenant_id",
    "Tenant": "admin_email admin_name company_name country crm_id domain id plan region schema_name status tax_id",
    "TenantHour": "tenant_id",
    "UsageEvent": "action feature id key_id",
    "UsageHour": "license_id product_id tenant_id vendor_id",
    "UsageRecord": "currency entry kind license_id product_id tenant_id vendor_id",
    "UsageWatermark": "tenant_id",
    "Vendor": "brand_color email id logo_digest name status",
    "VendorHour": "product_id tenant_id vendor_id",
    "VendorMonth": "currency vendor_id",
    "Watch": "missing tenant_id",
    "WebhookDelivery": "event id message_id status vendor_id",
    "WebhookEndpoint": "events id url vendor_id",
}


def columns() -> Iterator[tuple[str, str]]:
    ours = {*settings.SHARED_APPS, *settings.TENANT_APPS}
    for model in apps.get_models():
        is_ours = model._meta.app_config.name in ours and not model._meta.app_config.name.startswith("django")
        for field in model._meta.get_fields() if is_ours and model.__name__ not in (*LOGS, *ACCOUNTS) else ():
            if isinstance(field, WORDS):
                yield model.__name__, field.name


def test_every_column_is_in_the_table_or_names_nobody() -> None:
    in_places = {
        (place.model.__name__, name)
        for place in (*IN_A_TENANT, *OF_A_VENDOR, *ABOUT_A_TENANT, *OF_THE_PLATFORM)
        for name in (*place.names, *place.mentions, *place.clears)
    }
    undecided = [
        f"{model}.{name}"
        for model, name in columns()
        if (model, name) not in in_places and name not in NOBODY.get(model, "").split()
    ]
    assert undecided == []


def test_the_list_of_those_that_name_nobody_is_of_columns_that_exist() -> None:
    known = set(columns())
    assert [
        f"{model}.{name}" for model, names in NOBODY.items() for name in names.split() if (model, name) not in known
    ] == []


BEN = Person.known_as(["Ben@Example.com", "bthe", 'Ann "A" Öz'], "7")


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("bthe", True), ("BTHE", True), ("by bthe, today", True), ("(bthe)", True), ("bthe.", True), ("\"bthe\"", True),
        ("bthe2", False), ("xbthe", False), ("bthe-2", False), ("a-bthe", False), ("bthe@x.com", False), ("bthe.local", False),
        ("mail ben@example.com.", True), ("reuben@example.com", False), ("ben@example.com.au", False),
        ('{"a": "Ann \\"A\\" Öz"}', True), ('{"a": "Ann \\"A\\" \\u00d6z"}', True), ('Ann "A" Öz', True), ("", False),
    ],
)  # fmt: skip
def test_a_name_is_found_where_it_stands_by_itself(text: str, is_named: bool) -> None:
    assert (BEN.concealed(text) != text) == is_named
    assert (BEN.pseudonym in BEN.concealed(text)) == is_named


def test_in_json_it_is_found_at_any_depth_and_nothing_else_changes() -> None:
    before = {"a": [1, None, True, "bthe", {"bthe": {"x": "by bthe"}}], "n": 1.5}
    name = BEN.pseudonym
    assert BEN.concealed(before) == {"a": [1, None, True, name, {name: {"x": f"by {name}"}}], "n": 1.5}
