"""What applications notice of a vendor's changes, over real HTTP: at their next request."""

from __future__ import annotations

import httpx
import pytest

from tenants.context import inside
from tests import builders
from tests.licensing.workstations import HEARTBEAT, Workstation
from tests.servers import Server
from tests.vendors.crm import Crm

SMALL = {
    "entitlement__total_licenses": 3,
    "entitlement__commit_qty": 1,
    "entitlement__max_overage": 2,
    "product__features": ["can_editor"],
}


@pytest.fixture
def crm(committed: None) -> Crm:
    return Crm()


@pytest.fixture
def workstation(server: Server) -> Workstation:
    with inside("mercedes"):
        return Workstation(server, builders.tenant_key())


def code(answer: httpx.Response) -> str:
    return str(answer.json().get("code", answer.status_code))


def test_a_sold_license_is_checked_out_with_its_terms(crm: Crm, workstation: Workstation) -> None:
    license_id = crm.sold(**SMALL)
    leases = [workstation.check_out(version="8.2.1", features=["can_editor"]) for _ in range(4)]
    assert [lease.status_code for lease in leases] == [201, 201, 201, 409]
    assert leases[0].json()["license_id"] == license_id
    assert '"cost":500.00' in leases[1].text
    assert code(workstation.check_out(version="7.9")) == "version_not_licensed"
    assert code(workstation.check_out(features=["flexray"])) == "feature_not_licensed"


def test_a_new_price_holds_from_the_next_checkout_on(crm: Crm, workstation: Workstation) -> None:
    license_id = crm.sold(**SMALL)
    workstation.check_out()
    before = workstation.check_out()
    crm.amend(license_id, entitlement={"pricing": {"overage_per_use": 450}})
    after = workstation.check_out()
    assert ('"cost":500.00' in before.text, '"cost":450.00' in after.text) == (True, True)


def test_fewer_licenses_take_no_seat_but_give_none(crm: Crm, workstation: Workstation) -> None:
    license_id = crm.sold(**SMALL)
    held = [workstation.check_out().json()["lease_id"] for _ in range(2)]
    crm.amend(license_id, entitlement={"total_licenses": 1, "commit_qty": 1, "max_overage": 0})
    assert [workstation.post(HEARTBEAT, {"lease_id": lease}).status_code for lease in held] == [200, 200]
    assert code(workstation.check_out()) == "no_licenses_available"


def test_a_suspended_license_gives_no_seat_but_keeps_those_in_use(crm: Crm, workstation: Workstation) -> None:
    license_id = crm.sold(**SMALL)
    lease = {"lease_id": workstation.check_out().json()["lease_id"]}
    crm.change(license_id, "suspend")
    assert code(workstation.check_out()) == "license_suspended"
    assert workstation.post(HEARTBEAT, lease).status_code == 200
    crm.change(license_id, "resume")
    assert workstation.check_out().status_code == 201


def test_a_revoked_license_ends_leases_at_once(crm: Crm, workstation: Workstation) -> None:
    license_id = crm.sold(**SMALL)
    lease = {"lease_id": workstation.check_out().json()["lease_id"]}
    crm.change(license_id, "revoke")
    assert code(workstation.post(HEARTBEAT, lease)) == "lease_revoked"
    assert code(workstation.check_out()) == "product_not_licensed"


def test_a_contract_that_is_over_gives_no_seat(crm: Crm, workstation: Workstation) -> None:
    crm.sold(contract__auto_renew=False, **SMALL)
    assert code(workstation.check_out()) == "license_expired"


def test_a_contract_that_has_not_begun_says_when_it_will(crm: Crm, workstation: Workstation) -> None:
    crm.sold(contract__start_date="2150-01-01", contract__end_date="2150-12-31", **SMALL)
    refused = workstation.check_out()
    assert (code(refused), refused.json()["available_at"]) == ("license_not_started", "2150-01-01T00:00:00Z")


def test_the_dearest_seats_can_be_checked_out(crm: Crm, workstation: Workstation) -> None:
    crm.sold(**SMALL, entitlement__pricing__overage_per_use=9999999999.99)
    assert [workstation.check_out().status_code for _ in range(4)] == [201, 201, 201, 409]
