"""The session that signing in makes: where it is listed, how it ends, and what its cookies give away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.models import Session
from tenants.context import inside
from tests import builders, cast, sites
from tests.accounts.conftest import Pass, let_pass
from tests.pages.conftest import sign_in

__all__ = ["let_pass"]

ANNA = "anna@mercedes-benz.com"


@pytest.fixture
def anna(db: None) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)


def enter(agent: str) -> sites.Site:
    """Anna, in another browser each time."""
    site = sites.tenant(cast.MERCEDES.id)
    site.defaults["HTTP_USER_AGENT"] = agent
    return sign_in(site, ANNA)


def test_sessions_are_listed_and_ended(anna: None):
    here, there = (
        enter(agent) for agent in ("Mozilla/5.0 (X11; Linux) Firefox/140.0", "Mozilla/5.0 (iPhone) Safari/604.1")
    )
    page = here.get("/account/security").content.decode()
    for said in ("Firefox on Linux", "Safari on iPhone", "this browser", "127.0.0.1"):
        assert said in page
    assert here.cookies["cl_session"].value not in page
    assert here.post("/account/sessions/end-others").status_code == 302
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_one_session_is_ended_by_its_person_alone(anna: None, owner: sites.Site):
    here, there = enter("Firefox/140.0 Linux"), enter("Safari/604.1 iPhone")
    ends = [part.partition('"')[0] for part in here.get("/account/security").content.decode().split('action="')[1:]]
    (end,) = [path for path in ends if path.endswith("/end")]
    assert owner.post(end).status_code == 404
    assert there.get("/").status_code == 200
    assert here.post(end).status_code == 302
    assert there.get("/").status_code == 302
    assert here.post(end).status_code == 404


def test_a_changed_password_ends_all_sessions_but_this(owner: sites.Site):
    other = sign_in(sites.tenant(cast.MERCEDES.id), "owner@mercedes-benz.com")
    new = {"present": cast.PASSWORD, "password": "quite another long sentence", "again": "quite another long sentence"}
    assert owner.post("/account/password", new | {"present": "wrong"}).status_code == 422
    assert other.get("/").status_code == 200
    assert owner.post("/account/password", new).headers["Location"] == "/account/security"
    assert other.get("/").status_code == 302
    assert owner.get("/").status_code == 200


def test_a_session_is_noted_now_and_then_and_ends_after_two_weeks(owner: sites.Site, let_pass: Pass):
    def seen_at() -> Any:
        with inside(cast.MERCEDES.id):
            return Session.objects.get().seen_at

    first = seen_at()
    owner.get("/")
    assert seen_at() == first
    for _ in range(27):  # used twice a day, so that it never expires by itself
        let_pass(timedelta(hours=12))
        assert owner.get("/").status_code == 200
    assert seen_at() > first
    let_pass(timedelta(hours=13))
    assert owner.get("/").status_code == 302


def test_cookies_stay_on_their_host_and_out_of_scripts(anna: None, mercedes_site: sites.Site):
    sign_in(mercedes_site, ANNA)
    for name in ("cl_session", "cl_device"):
        cookie = mercedes_site.cookies[name]
        assert (cookie["domain"], bool(cookie["httponly"]), cookie["samesite"]) == ("", True, "Lax")
    assert mercedes_site.cookies["cl_csrf"]["domain"] == ""
    assert django_settings.SESSION_COOKIE_SECURE == django_settings.CSRF_COOKIE_SECURE == (not django_settings.IS_LOCAL)


def test_a_session_that_somebody_else_chose_is_not_taken(anna: None, mercedes_site: sites.Site):
    mercedes_site.cookies["cl_session"] = "chosen0by0somebody0else0000000000"
    sign_in(mercedes_site, ANNA)
    assert mercedes_site.cookies["cl_session"].value != "chosen0by0somebody0else0000000000"


def test_a_session_that_ended_over_a_form_comes_back_to_it(anna: None, mercedes_site: sites.Site):
    asked = mercedes_site.post("/users/invite", headers={"referer": "http://mercedes.localhost:8000/users/invite"})
    assert asked.headers["Location"] == "/login?next=%2Fusers%2Finvite"
