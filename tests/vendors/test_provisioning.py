"""Into the customer's tenant: when asked, when the tenant comes to be, within the customer's plan; and the mail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from audit import delivery
from audit.models import AuditEntry
from cloudlicenses.wiring import LISTENERS
from licensing.models import License
from tenants.context import inside
from tenants.models import Tenant
from tests import builders, cast
from tests.vendors.breaking import without_table
from tests.vendors.crm import TO_BMW, Crm, refused
from vendors import provisioning
from vendors.models import IssuedLicense

MESSAGE = "Your DaVinci Configurator SE licenses are ready!"


def provision(crm: Crm, license_id: str, **more: object) -> Any:
    return crm.ask("POST", "/api/v1/licenses/provision", {"license_id": license_id, **more})


def granted(tenant_id: str = "mercedes") -> list[str]:
    with inside(tenant_id):
        return list(License.objects.order_by("id").values_list("id", flat=True))


def test_a_generated_license_is_provisioned_on_request(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    answer = provision(
        vector, license_id, customer={"crm_account_id": "ACC-98765"},
        notification={"email": "someone@mercedes-benz.com", "message": MESSAGE},
    )  # fmt: skip
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "status": "provisioned",
        "tenant_url": "http://mercedes.localhost:8000",
        "provisioned_at": body["provisioned_at"],
        "customer_notified": True,
    }
    assert body["provisioned_at"].endswith("Z")
    assert granted() == [license_id]
    entry = AuditEntry.objects.get(event="license.provisioned")
    assert entry.facts == {"tenant_id": "mercedes", "email": "someone@mercedes-benz.com", "message": MESSAGE}


def test_twice_is_once(vector: Crm) -> None:
    license_id = vector.sold()
    first = provision(vector, license_id).json()
    again = provision(vector, license_id).json()
    assert again == first
    assert not again["customer_notified"]  # that was when it was provisioned
    assert AuditEntry.objects.filter(event="license.provisioned").count() == 1


def test_a_notification_for_a_license_that_is_there_is_sent(vector: Crm) -> None:
    license_id = vector.sold()
    assert provision(vector, license_id, notification={"message": MESSAGE}).json()["customer_notified"]
    assert AuditEntry.objects.get(event="license.announced").facts["message"] == MESSAGE


def test_without_a_tenant_it_waits(vector: Crm) -> None:
    license_id = vector.sold(customer__tenant_id="tesla", auto_provision=False)
    assert provision(vector, license_id).json() == {
        "status": "pending_customer",
        "tenant_url": None,
        "provisioned_at": None,
        "customer_notified": False,
    }


def test_only_for_the_account_it_was_sold_to(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    answer = provision(vector, license_id, customer={"crm_account_id": "ACC-1"})
    assert refused(answer) == (409, "account_conflict")
    assert granted() == []


def test_only_by_its_vendor(vector: Crm, greenhills: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    assert refused(provision(greenhills, license_id)) == (404, "not_found")
    assert granted() == []


@pytest.mark.parametrize("status", ["suspended", "deleted"])
def test_a_customer_who_is_not_active_gets_nothing(vector: Crm, status: str) -> None:
    license_id = vector.sold(auto_provision=False)
    Tenant.objects.filter(id="mercedes").update(status=status)
    assert refused(provision(vector, license_id)) == (409, "customer_not_active")
    assert IssuedLicense.objects.get().status == "generated"


def test_a_revoked_license_stays_away(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    vector.change(license_id, "revoke")
    assert refused(provision(vector, license_id)) == (409, "license_revoked")


def test_what_waited_arrives_with_the_tenant(vector: Crm, greenhills: Crm) -> None:
    Tenant.objects.filter(id="bmw").update(status="provisioning", is_provisioned=False)
    ours = vector.sold(customer__tenant_id="bmw")
    theirs = greenhills.sold(customer__tenant_id="bmw", product={"id": cast.MULTI.id})
    elsewhere = vector.sold(customer__tenant_id="tesla", customer__crm_account_id="T", crm_opportunity_id="T")
    assert provisioning.provision_all_waiting() == 0
    Tenant.objects.filter(id="bmw").update(status="active", is_provisioned=True)
    assert provisioning.provision_waiting("bmw") == 2
    assert provisioning.provision_waiting("bmw") == 0
    assert granted("bmw") == sorted([ours, theirs])
    assert IssuedLicense.objects.get(id=elsewhere).status == "pending_customer"
    assert vector.ask("GET", f"/api/v1/licenses/{ours}").json()["status"] == "provisioned"


def test_the_sweep_finds_what_the_tenants_own_step_did_not_see(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    IssuedLicense.objects.update(status="pending_customer")
    assert provisioning.provision_all_waiting() == 1
    assert granted() == [license_id]


def test_the_plan_limits_licenses(vector: Crm) -> None:
    Tenant.objects.filter(id="mercedes").update(plan="startup")  # 100 licenses
    for number in range(5):
        vector.sold(crm_opportunity_id=f"SF-{number}")
    answer = vector.sell()
    assert refused(answer) == (409, "plan_limit_reached")
    assert IssuedLicense.objects.count() == 5


def test_the_plan_limits_vendors(vector: Crm, greenhills: Crm) -> None:
    Tenant.objects.filter(id="mercedes").update(plan="free")  # one vendor, 10 licenses
    vector.sold(entitlement__total_licenses=5, entitlement__max_overage=0)
    few = {"entitlement__total_licenses": 5, "entitlement__max_overage": 0, "product": {"id": cast.MULTI.id}}
    assert refused(greenhills.sell(**few)) == (409, "plan_limit_reached")


def test_what_a_new_tenants_plan_has_no_room_for_is_left_to_the_vendor(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    IssuedLicense.objects.update(status="pending_customer")
    Tenant.objects.filter(id="mercedes").update(plan="free")
    assert provisioning.provision_waiting("mercedes") == 0
    assert IssuedLicense.objects.get(id=license_id).status == "generated"
    assert AuditEntry.objects.get(result="refused").code == "plan_limit_reached"
    assert granted() == []


def test_a_tenant_whose_tables_fail_holds_up_no_other(committed: None) -> None:
    vector = Crm()
    broken = vector.sold(crm_opportunity_id="SF-1", auto_provision=False, **TO_BMW)
    fine = vector.sold(crm_opportunity_id="SF-2", auto_provision=False)
    IssuedLicense.objects.update(status="pending_customer")
    with without_table("bmw", "licensing_license"):
        assert provisioning.provision_all_waiting() == 1
    assert (granted("bmw"), granted("mercedes")) == ([], [fine])
    assert provisioning.provision_all_waiting() == 1
    assert granted("bmw") == [broken]


def test_two_vendors_at_once_do_not_share_the_last_place(committed: None) -> None:
    Tenant.objects.filter(id="mercedes").update(plan="free")
    crms = [Crm(), Crm(vendor_id=cast.GREENHILLS.id)]
    products = [cast.DAVINCI.id, cast.MULTI.id]
    start = Barrier(2)

    def sell(number: int) -> int:
        start.wait(120)
        try:
            few = {"entitlement__total_licenses": 5, "entitlement__max_overage": 0}
            status: int = crms[number].sell(product={"id": products[number]}, **few).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(sell, range(2))) == [201, 409]


def test_the_customer_is_told(vector: Crm, mailoutbox: list[Any]) -> None:
    vector.sold()
    delivery.deliver_due(LISTENERS, inside=inside)
    [letter] = mailoutbox
    assert letter.to == ["licenses@mercedes-benz.com"]
    assert letter.subject == "20 licenses of DaVinci Configurator SE from Vector Informatik GmbH"
    assert "20 licenses (5 commit, 15 overage) of DaVinci Configurator SE" in letter.body
    assert "500.00 EUR for each checkout" in letter.body
    assert "http://mercedes.localhost:8000/" in letter.body
    assert "20 licenses (5 commit, 15 overage)" in letter.alternatives[0][0]


def test_the_vendors_words_and_address_are_used(vector: Crm, mailoutbox: list[Any]) -> None:
    license_id = vector.sold(auto_provision=False)
    provision(vector, license_id, notification={"email": "tools@mercedes-benz.com", "message": "<b>Ready</b>"})
    delivery.deliver_due(LISTENERS, inside=inside)
    [letter] = mailoutbox
    assert letter.to == ["tools@mercedes-benz.com"]
    assert "<b>Ready</b>" in letter.body
    assert "&lt;b&gt;Ready&lt;/b&gt;" in letter.alternatives[0][0]


def test_without_an_address_the_administrator_is_told(vector: Crm, mailoutbox: list[Any]) -> None:
    vector.sold(customer__contact_email="")
    delivery.deliver_due(LISTENERS, inside=inside)
    assert mailoutbox[0].to == ["admin@mercedes-benz.com"]


def test_the_letter_is_in_the_language_of_who_gets_it(vector: Crm, mailoutbox: list[Any]) -> None:
    with inside("mercedes"):
        builders.person("leser@mercedes-benz.com")
        User.objects.update(language="de")
    license_id = vector.sold(auto_provision=False)
    for name in ("Leser", "reader"):
        provision(vector, license_id, notification={"email": f"{name}@mercedes-benz.com"})
    delivery.deliver_due(LISTENERS, inside=inside)
    said = {letter.to[0]: f"{letter.subject} {letter.body} {letter.alternatives[0][0]}" for letter in mailoutbox}
    german, english = said["Leser@mercedes-benz.com"], said["reader@mercedes-benz.com"]
    assert "können jetzt verwendet werden" in german
    assert '<html lang="de">' in german
    assert not [word for word in ("can be used", "See your", "Commit fee", "Questions to", "Sent by") if word in german]
    assert "can be used now" in english
    assert '<html lang="en">' in english
