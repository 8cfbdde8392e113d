"""The operator's pages: tenants and how their provisioning stands, registrations that wait, vendors."""

from __future__ import annotations

import re

import pytest

from accounts.models import Invitation, Role, User
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from keys import recognising
from tenants import context
from tenants.models import OnboardingStep, Registration, Tenant
from tests import builders, cast, sites
from tests.pages.conftest import sign_in
from tests.queries import fewest
from tests.tenants.conftest import registered
from vendors.models import Vendor

VENDOR = {"id": "dspace", "name": "dSPACE GmbH", "email": "sales@dspace.example", "request_key": "form-1"}


@pytest.fixture
def operator_for_real(committed: None) -> sites.Site:
    """Provisioning makes schemas, as the database's owner: nothing that a test's transaction could take back."""
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    return sign_in(sites.apex(), "ops@cloudlicenses.example", path="/operator/login")


@pytest.fixture
def half_done(db: None) -> Tenant:
    tenant = Tenant.objects.get(pk=cast.BMW.id)
    now = clock.now()
    OnboardingStep.objects.create(tenant=tenant, name="role", position=1, attempts=1, done_at=now)
    OnboardingStep.objects.create(
        tenant=tenant,
        name="schema",
        position=2,
        attempts=3,
        last_problem="OperationalError: disk full",
        next_try_at=now,
    )
    return tenant


def test_the_list_says_how_each_tenant_stands(operator: sites.Site, half_done: Tenant):
    page = operator.get("/operator/").content.decode()
    assert "Mercedes-Benz AG" in page
    assert "1/2" in page
    assert "CUST-00002" in page


def test_the_list_is_searched(operator: sites.Site):
    page = operator.get("/operator/?about=BENZ").content.decode()
    assert "Mercedes-Benz AG" in page
    assert "BMW AG" not in page


def test_a_tenants_page_names_the_step_that_fails_and_why(operator: sites.Site, half_done: Tenant):
    page = operator.get(f"/operator/tenants/{half_done.pk}").content.decode()
    assert "OperationalError: disk full" in page
    assert "Try again now" in page


def test_a_tenant_is_suspended_after_a_question_and_resumed(operator: sites.Site):
    path = f"/operator/tenants/{cast.BMW.id}"
    assert b"Suspend BMW AG?" in operator.get(f"{path}/suspend").content
    operator.post(f"{path}/suspend")
    assert Tenant.objects.get(pk=cast.BMW.id).status == "suspended"
    operator.post(f"{path}/resume")
    assert Tenant.objects.get(pk=cast.BMW.id).status == "active"
    told = AuditEntry.objects.filter(event__startswith="tenant.").values_list("event", "actor_kind", "actor_label")
    assert list(told.order_by("id")) == [
        ("tenant.suspended", "operator", "ops@cloudlicenses.example"),
        ("tenant.resumed", "operator", "ops@cloudlicenses.example"),
    ]


def test_who_waits_is_listed_with_what_was_found(operator: sites.Site):
    registration = registered()
    Registration.objects.update(last_found=["v=spf1 -all"])
    page = operator.get("/operator/registrations").content.decode()
    for said in (registration.company_name, "_cloudlicenses.acme.example", "v=spf1 -all", "admin@acme.example"):
        assert said in page


def test_vouching_makes_the_tenant_and_names_the_operator(operator_for_real: sites.Site):
    registration = registered()
    path = f"/operator/registrations/{registration.pk}/vouch"
    assert b"You vouch that" in operator_for_real.get(path).content
    assert not Tenant.objects.filter(pk="acme").exists()
    assert operator_for_real.post(path).headers["Location"] == "/operator/tenants/acme"
    assert Tenant.objects.get(pk="acme").is_provisioned
    registration.refresh_from_db()
    assert registration.verified_by.startswith("operator ")
    assert AuditEntry.objects.get(event="tenant.verified").actor_label == "ops@cloudlicenses.example"
    with context.inside("acme"):
        assert Invitation.objects.get().user.email == "admin@acme.example"
    assert operator_for_real.post(path).status_code == 404


def test_a_new_vendor_gets_a_key_that_works_and_an_invitation(operator: sites.Site):
    answer = operator.post("/operator/vendors/create", VENDOR)
    assert answer.status_code == 201
    found = re.search(r'<pre id="key-text">(clvk_dspace_\w+)</pre>', answer.content.decode())
    assert found
    with context.acting_for("dspace"):
        assert recognising.find(found[1], recognising.VENDOR).owner == "dspace"
    assert User.objects.get(email="sales@dspace.example").vendor_id == "dspace"
    assert found[1] not in operator.get("/operator/vendors").content.decode()


def test_the_form_sent_twice_makes_one_vendor_and_shows_the_same_key(operator: sites.Site):
    first, again = (operator.post("/operator/vendors/create", VENDOR) for _ in range(2))
    assert [answer.status_code for answer in (first, again)] == [201, 201]
    assert re.findall(r"clvk_dspace_\w+", first.content.decode()) == re.findall(
        r"clvk_dspace_\w+", again.content.decode()
    )


def test_a_taken_or_malformed_vendor_id_is_refused(operator: sites.Site):
    taken = operator.post("/operator/vendors/create", VENDOR | {"id": cast.VECTOR.id})
    assert taken.status_code == 409
    assert b"This vendor id is taken." in taken.content
    malformed = operator.post("/operator/vendors/create", VENDOR | {"id": "A!"})
    assert malformed.status_code == 422
    assert b'id="id_id_error"' in malformed.content
    assert Vendor.objects.count() == len(cast.VENDORS)


def test_a_suspended_vendors_keys_are_refused(operator: sites.Site, vendor_site: sites.Site):
    key = builders.vendor_key(scopes=("vendor:read",))

    def asked() -> int:
        answer = vendor_site.ask("GET", "/api/v1/licenses", key=key, x_vendor_id=cast.VECTOR.id)
        return int(answer.status_code)

    assert asked() == 200
    assert b"Suspend Vector" in operator.get(f"/operator/vendors/{cast.VECTOR.id}/suspend").content
    operator.post(f"/operator/vendors/{cast.VECTOR.id}/suspend")
    assert asked() == 403
    operator.post(f"/operator/vendors/{cast.VECTOR.id}/resume")
    assert asked() == 200
    told = AuditEntry.objects.filter(event__in=("vendor.suspended", "vendor.resumed")).order_by("id")
    assert [entry.event for entry in told] == ["vendor.suspended", "vendor.resumed"]


@pytest.mark.parametrize("path", ["/operator/", "/operator/vendors", "/operator/registrations", "/operator/health"])
def test_lists_take_a_constant_number_of_queries(path: str, operator: sites.Site, half_done: Tenant):
    def counted() -> int:
        return fewest(lambda: operator.get(path))

    registered()
    few = counted()
    for number in range(5):
        registered(tenant_id=f"acme-{number}", domain=f"acme{number}.example")
        Vendor.objects.create(id=f"vendor-{number}", name="V", email="v@v.example", created_at=clock.now())
        OnboardingStep.objects.create(tenant_id=cast.MERCEDES.id, name=f"step {number}", position=number)
    assert counted() == few


def test_a_tenant_is_deleted_only_when_suspended_and_only_after_its_id_was_typed(operator_for_real: sites.Site):
    registration = registered()
    operator_for_real.post(f"/operator/registrations/{registration.pk}/vouch")
    path = "/operator/tenants/acme"
    assert operator_for_real.get(f"{path}/delete").headers["Location"] == path
    operator_for_real.post(f"{path}/suspend")
    assert b"Type acme to show that you mean it" in operator_for_real.get(f"{path}/delete").content
    assert operator_for_real.post(f"{path}/delete", {"typed": "bmw"}).status_code == 422
    assert Tenant.objects.get(pk="acme").status == "suspended"
    assert operator_for_real.post(f"{path}/delete", {"typed": "acme"}).headers["Location"] == "/operator/"
    assert Tenant.objects.get(pk="acme").status == "deleted"
    assert AuditEntry.objects.get(event="tenant.deleted").actor_label == "ops@cloudlicenses.example"


def test_health_says_what_waits_and_who_is_stuck(operator: sites.Site, half_done: Tenant):
    registered()
    page = operator.get("/operator/health").content.decode()
    for said in ("Everything that a request needs is there.", "Domains to be proved", "BMW AG", "/metrics"):
        assert said in page


def test_tenants_are_filtered_by_their_state(operator: sites.Site):
    Tenant.objects.filter(pk=cast.BMW.id).update(status="suspended")
    page = operator.get("/operator/?status=suspended").content.decode()
    assert "BMW AG" in page
    assert "Mercedes-Benz AG" not in page
