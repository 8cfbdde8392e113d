"""The page on which an owner has somebody forgotten: who may, what it asks first, what it says of what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import people
from accounts.models import Role
from cloudlicenses.erasure import carrying_out
from cloudlicenses.erasure.models import Erasure
from tenants.context import inside, platform
from tests import builders, cast, sites

BEN = "ben@mercedes-benz.com"


@pytest.fixture
def ben(db: None) -> str:
    with inside(cast.MERCEDES.id):
        user = builders.person(BEN, role=Role.VIEWER)
        people.deactivate(str(user.pk), actor=builders.actor())
    return str(user.pk)


def asked() -> list[Erasure]:
    with platform():
        return list(Erasure.objects.order_by("asked_at"))


def test_the_way_leads_from_whoever_was_deactivated(ben: str, owner: sites.Site) -> None:
    assert f'href="/users/erase?user={ben}"' in owner.get(f"/users/{ben}").content.decode()
    form = owner.get(f"/users/erase?user={ben}").content.decode()
    assert BEN in form
    assert "audit log" in form
    assert "Nobody was forgotten here yet." in form


def test_an_owner_asks_and_sees_that_it_is_done(ben: str, owner: sites.Site) -> None:
    answer = owner.post("/users/erase", {"names": BEN, "is_meant": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/users/erase")
    [erasure] = asked()
    assert (erasure.tenant_id, erasure.asked_by) == (cast.MERCEDES.id, "owner@mercedes-benz.com")
    assert "under way" in owner.get("/users/erase").content.decode()
    with platform():
        Erasure.objects.update(done_at=erasure.asked_at, entries=12)
    shown = owner.get("/users/erase").content.decode()
    assert "under way" not in shown
    assert BEN not in shown


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"names": BEN}, 422, "is required"),
        ({"names": "", "is_meant": "on"}, 422, "is required"),
        ({"names": "x", "is_meant": "on"}, 422, "At least 3 characters"),
        ({"names": "stranger@example.com", "is_meant": "on"}, 409, "Nobody here is known"),
        ({"names": "owner@mercedes-benz.com", "is_meant": "on"}, 409, "may still sign in"),
        ({"names": "\n".join(f"name-{n}" for n in range(21)), "is_meant": "on"}, 422, "At most 20 lines"),
        ({"names": "a" * 300, "is_meant": "on"}, 422, "too long"),
    ],
)
def test_what_is_not_to_be_done_is_said(
    sent: dict[str, str], status: int, said: str, ben: str, owner: sites.Site
) -> None:
    answer = owner.post("/users/erase", sent)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert asked() == []


@pytest.mark.parametrize("role", [Role.LICENSE_ADMIN, Role.FINANCE, Role.VIEWER])
def test_nobody_but_an_owner_may(role: Role, ben: str, at_mercedes: Callable[[Role], sites.Site]) -> None:
    site = at_mercedes(role)
    assert site.post("/users/erase", {"names": BEN, "is_meant": "on"}).status_code == 403
    assert asked() == []


def test_a_vendors_owner_has_the_same_page(vendor_owner: sites.Site) -> None:
    gone = builders.person("gone@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    people.deactivate(str(gone.pk), actor=builders.actor(), vendor_id=cast.VECTOR.id)
    builders.person("gone@greenhills.example", role=Role.SALES, vendor_id=cast.GREENHILLS.id)
    form = {"names": "gone@greenhills.example", "is_meant": "on"}
    assert vendor_owner.post("/team/erase", form).status_code == 409, "another vendor's people are not there"
    assert vendor_owner.post("/team/erase", form | {"names": gone.email}).status_code == 302
    assert [(one.tenant_id, one.vendor_id) for one in asked()] == [("", cast.VECTOR.id)]


def test_another_tenants_requests_are_not_shown(ben: str, owner: sites.Site, at_mercedes: object) -> None:
    with platform():
        Erasure.objects.create(
            id="era-1", tenant_id=cast.BMW.id, asked_at="2026-01-01T00:00:00Z", asked_by="eve@bmw.example"
        )
    assert "eve@bmw.example" not in owner.get("/users/erase").content.decode()


def test_one_that_fails_holds_up_no_other(ben: str, owner: sites.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        owner.post("/users/erase", {"names": BEN, "is_meant": "on"})
    with platform():
        first = asked()[0]
        Erasure.objects.filter(pk=first.pk).update(sealed_person=b"bent")
        carrying_out.carry_out_due()
    assert [bool(one.rows) for one in asked()] == [False, True]
