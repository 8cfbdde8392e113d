"""An operator creates a vendor."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditEntry
from keys.models import ApiKey, SigningKey
from tests import cast
from tests.vendors.crm import Crm
from vendors.models import Vendor

ETAS = {"id": "etas", "name": "ETAS GmbH", "email": "sales@etas.example"}


def created(**options: str | bool) -> str:
    out = StringIO()
    call_command("create_vendor", **options, stdout=out)
    return out.getvalue()


def test_a_new_vendor_can_sell_at_once(db: None) -> None:
    answer = json.loads(created(**ETAS, json=True))
    assert (answer["vendor_id"], answer["name"], answer["email"]) == ("etas", "ETAS GmbH", "sales@etas.example")
    crm = Crm(vendor_id="etas", key=answer["api_key"])
    assert crm.sold(product={"id": "inca", "name": "INCA"}) == "lic-etas-mercedes-2025-001"
    assert set(SigningKey.objects.filter(owner="etas").values_list("algorithm", flat=True)) == {"EdDSA", "ML-DSA-65"}
    person = User.objects.get(email="sales@etas.example")
    assert (person.vendor_id, person.role, person.invitations.count()) == ("etas", "vendor_owner", 1)
    assert set(AuditEntry.objects.filter(actor_kind="operator").values_list("event", flat=True)) == {
        "vendor.created", "key.issued", "user.invited",
    }  # fmt: skip


def test_without_json_a_person_reads_it(db: None) -> None:
    assert created(**ETAS).startswith("vendor_id: etas\napi_key: clvk_etas_")


@pytest.mark.parametrize("id", ["ab", "x" * 41, "Etas", "etas-", "et-äs", "et as", "etas\n"])
def test_a_bad_id_is_refused(db: None, id: str) -> None:
    with pytest.raises(CommandError, match="3 to 40 characters"):
        created(**ETAS | {"id": id})
    assert not Vendor.objects.filter(name="ETAS GmbH").exists()


def test_a_taken_id_is_refused_and_nothing_is_made(db: None) -> None:
    with pytest.raises(CommandError, match="taken"):
        created(**ETAS | {"id": cast.VECTOR.id})
    assert not ApiKey.objects.exists()
    assert not User.objects.exists()
    assert Vendor.objects.get(id=cast.VECTOR.id).name == cast.VECTOR.name


def test_an_address_that_belongs_to_another_vendor_is_refused(db: None) -> None:
    created(**ETAS)
    with pytest.raises(CommandError):
        created(**ETAS | {"id": "etas-two"})
    assert not Vendor.objects.filter(id="etas-two").exists()
