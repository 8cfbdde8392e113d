"""The link in the mail: choose a password, be signed in, once."""

from __future__ import annotations

import pytest

from accounts import invitations
from accounts.models import Role, User
from cloudlicenses.kit.actor import SYSTEM
from tenants import context
from tests import cast, sites

NEW = "correct horse battery staple"


@pytest.fixture
def path(db: None) -> str:
    with context.inside(cast.MERCEDES.id):
        invited = invitations.invite(email="anna@mercedes-benz.com", name="Anna", role=Role.OWNER, actor=SYSTEM)
        return "/invitations/" + invitations.link_of(invited).rpartition("/")[2]


def test_the_invited_person_chooses_a_password_and_is_in(path: str, mercedes_site: sites.Site):
    page = mercedes_site.get(path)
    assert page.status_code == 200
    assert b"Welcome, Anna" in page.content
    assert b"anna@mercedes-benz.com" in page.content
    entered = mercedes_site.post(path, {"password": NEW, "again": NEW})
    assert entered.headers["Location"] == "/"
    assert mercedes_site.get("/").status_code == 200
    assert (
        sites.tenant(cast.MERCEDES.id).post("/login", {"email": "anna@mercedes-benz.com", "password": NEW}).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        (NEW, NEW + "x", b"The two are not the same."),
        ("short", "short", b"too short"),
        ("password123456", "password123456", b"too common"),
        ("anna@mercedes-benz.com", "anna@mercedes-benz.com", b"too similar"),
        ("", "", b"This field is required."),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_and_nothing_is_used_up(
    password: str, again: str, said: bytes, path: str, mercedes_site: sites.Site
):
    refused = mercedes_site.post(path, {"password": password, "again": again})
    assert refused.status_code == 422
    assert said in refused.content
    with context.inside(cast.MERCEDES.id):
        assert User.objects.get().password == ""
    assert mercedes_site.get(path).status_code == 200


def test_a_used_link_says_so(path: str, mercedes_site: sites.Site):
    mercedes_site.post(path, {"password": NEW, "again": NEW})
    again = mercedes_site.get(path)
    assert again.status_code == 409
    assert b"This invitation has been used." in again.content


def test_the_link_works_at_its_own_tenant_only(path: str, bmw_site: sites.Site, apex: sites.Site):
    assert bmw_site.get(path).status_code == 404
    assert apex.get(path).status_code == 404
