"""Users of a tenant and a vendor's team: who is there, who comes, who goes, and that nobody reaches into another's."""

from __future__ import annotations

import pytest

from accounts import totp
from accounts.models import Role, User
from audit.models import AuditEntry
from tenants.context import inside
from tests import builders, cast, sites
from tests.accounts.test_second_factors import enrol
from tests.pages.conftest import Enter, sign_in


def of_mercedes(email: str) -> User:
    with inside(cast.MERCEDES.id):
        return User.objects.get(email=email)


@pytest.fixture
def vera(db: None) -> User:
    with inside(cast.MERCEDES.id):
        return builders.person("vera@mercedes-benz.com", role=Role.VIEWER)


def test_the_list_tells_roles_states_and_factors(owner: sites.Site, vera: User):
    with inside(cast.MERCEDES.id):
        enrol(vera)
    owner.post("/users/invite", {"email": "new@mercedes-benz.com", "role": "finance"})
    page = owner.get("/users").content.decode()
    for said in ("vera@mercedes-benz.com", "Viewer", "new@mercedes-benz.com", "Finance", "invited", "yes", ">you<"):
        assert said in page
    found = owner.get("/users?q=VERA+benz").content.decode()
    assert "vera@" in found
    assert "new@" not in found


def test_who_may_only_read_sees_no_way_to_change(at_mercedes: Enter, vera: User):
    admin = at_mercedes(Role.LICENSE_ADMIN)
    page = admin.get("/users").content.decode()
    assert "vera@mercedes-benz.com" in page
    assert "/users/invite" not in page
    assert f"/users/{vera.pk}" not in page


def test_a_role_is_changed(owner: sites.Site, vera: User):
    assert owner.post(f"/users/{vera.pk}", {"role": "license_admin"}).headers["Location"] == "/users"
    assert of_mercedes(vera.email).role == "license_admin"
    assert owner.post(f"/users/{vera.pk}", {"role": "operator"}).status_code == 422
    assert owner.post(f"/users/{vera.pk}", {"role": "sales"}).status_code == 422
    assert of_mercedes(vera.email).role == "license_admin"


def test_the_last_owner_stays_and_reads_why(owner: sites.Site):
    anna = of_mercedes("owner@mercedes-benz.com")
    refused = owner.post(f"/users/{anna.pk}", {"role": "viewer"})
    assert refused.status_code == 409
    assert b"There must be an active owner" in refused.content
    assert owner.post(f"/users/{anna.pk}/deactivate").status_code == 409
    assert of_mercedes(anna.email).role == "owner"


def test_somebody_is_deactivated_and_let_in_again(owner: sites.Site, vera: User):
    theirs = sign_in(sites.tenant(cast.MERCEDES.id), vera.email)
    assert b"signed out everywhere" in owner.get(f"/users/{vera.pk}/deactivate").content
    owner.post(f"/users/{vera.pk}/deactivate")
    assert theirs.get("/").status_code == 302
    assert theirs.post("/login", {"email": vera.email, "password": cast.PASSWORD}).status_code == 422
    owner.post(f"/users/{vera.pk}/reactivate")
    assert theirs.get("/").status_code == 302
    sign_in(theirs, vera.email)


def test_an_invitation_is_sent_again_and_withdrawn(owner: sites.Site, vera: User):
    owner.post("/users/invite", {"email": "new@mercedes-benz.com", "role": "viewer"})
    invited = of_mercedes("new@mercedes-benz.com")
    owner.post(f"/users/{invited.pk}/invite-again")
    with inside(cast.MERCEDES.id):
        assert AuditEntry.objects.filter(event="user.invited").count() == 2
    assert owner.post(f"/users/{invited.pk}/withdraw").headers["Location"] == "/users"
    with inside(cast.MERCEDES.id):
        assert not User.objects.filter(pk=invited.pk).exists()
    assert owner.post(f"/users/{vera.pk}/withdraw").status_code == 404


def test_whoever_has_lost_everything_starts_anew(owner: sites.Site, vera: User):
    with inside(cast.MERCEDES.id):
        enrol(vera)
    owner.post(f"/users/{vera.pk}/forget-factors")
    with inside(cast.MERCEDES.id):
        assert not totp.check(vera, "123456")
    sign_in(sites.tenant(cast.MERCEDES.id), vera.email)


def test_an_owner_asks_roles_for_a_second_factor(owner: sites.Site, vera: User):
    assert owner.post("/users/policy", {"roles": ["viewer"]}).headers["Location"] == "/users"
    assert b"A second factor is needed by: Viewer." in owner.get("/users").content
    theirs = sign_in(sites.tenant(cast.MERCEDES.id), vera.email)
    assert theirs.get("/").headers["Location"] == "/account/security"
    owner.post("/users/policy", {})
    assert theirs.get("/").status_code == 200
    assert owner.post("/users/policy", {"roles": ["operator"]}).status_code == 422


def test_a_vendors_team_is_its_own(db: None, vendor_site: sites.Site):
    builders.person("boss@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    theirs = builders.person("boss@greenhills.example", role=Role.VENDOR_OWNER, vendor_id=cast.GREENHILLS.id)
    operator = builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    sign_in(vendor_site, "boss@vector.example")
    page = vendor_site.get("/team").content.decode()
    assert "boss@vector.example" in page
    assert "greenhills" not in page
    assert "ops@" not in page
    for stranger in (theirs, operator):
        for act in ("", "/deactivate", "/reactivate", "/withdraw", "/forget-factors", "/invite-again"):
            assert vendor_site.post(f"/team/{stranger.pk}{act}", {"role": "vendor_viewer"}).status_code == 404
    assert vendor_site.post("/team/invite", {"email": "boss@greenhills.example", "role": "sales"}).status_code == 409
    assert User.objects.get(pk=theirs.pk).vendor_id == cast.GREENHILLS.id
    assert vendor_site.post("/team/invite", {"email": "new@vector.example", "role": "sales"}).status_code == 302
    assert User.objects.get(email="new@vector.example").vendor_id == cast.VECTOR.id
    assert vendor_site.post("/team/invite", {"email": "x@vector.example", "role": "owner"}).status_code == 422


def test_the_api_lists_invites_changes_and_removes(owner: sites.Site, vera: User):
    with inside(cast.MERCEDES.id):
        total = User.objects.count()
    listed = owner.ask("GET", "/api/v1/users?limit=1").json()
    assert len(listed["data"]) == 1
    assert len(owner.ask("GET", f"/api/v1/users?limit=200&cursor={listed['next_cursor']}").json()["data"]) == total - 1
    invited = owner.ask(
        "POST", "/api/v1/users", {"email": "new@mercedes-benz.com", "role": "finance"}, idempotency_key="k1"
    )
    again = owner.ask(
        "POST", "/api/v1/users", {"email": "new@mercedes-benz.com", "role": "finance"}, idempotency_key="k1"
    )
    assert (invited.status_code, invited.json()["state"]) == (201, "invited")
    assert again.json() == invited.json()
    path = f"/api/v1/users/{vera.pk}"
    assert owner.ask("PATCH", path, {"role": "finance"}).json()["role"] == "finance"
    assert owner.ask("DELETE", path).json()["state"] == "deactivated"
    assert owner.ask("PATCH", path, {"is_active": True}).json()["state"] == "active"
    assert owner.ask("GET", path).json()["email"] == vera.email
    assert owner.ask("POST", "/api/v1/users", {"email": vera.email, "role": "viewer"}).json()["code"] == "user_exists"
    assert owner.ask("PATCH", path, {"role": "operator"}).status_code == 422
    assert owner.ask("GET", "/api/v1/users/999").status_code == 404
    last = of_mercedes("owner@mercedes-benz.com")
    assert owner.ask("DELETE", f"/api/v1/users/{last.pk}").json()["code"] == "last_owner"


def test_a_session_that_is_old_confirms_before_it_changes_people_by_api(owner: sites.Site, vera: User):
    with inside(cast.MERCEDES.id):
        session = owner.session
        session["confirmed_at"] = 0.0
        session.save()
    assert owner.ask("GET", "/api/v1/users").status_code == 200
    refused = owner.ask("DELETE", f"/api/v1/users/{vera.pk}")
    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_required")
    assert of_mercedes(vera.email).is_active
