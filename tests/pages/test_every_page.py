"""What must hold for every page there is: read from the routes, so that a new page can't forget it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.urls import URLPattern
from django.utils.translation import override

from accounts.models import Role
from accounts.roles import RIGHTS, may
from cloudlicenses.web import csp
from scripts.vendor_assets import FOR_PAGES, FOR_TESTS, faults_of
from tests import cast, sites

# Pages for strangers; everything else needs a right. A line here is a decision.
OPEN = {
    "apex": {"", "signup", "signup/<str:tenant_id>", "operator/login", "operator/logout", "invitations/<str:secret>", "docs",
             "docs/<path:slug>", "problems", "problems/<slug:code>", "dev/mail", "dev/mail/<str:name>", "dev/mail/<str:name>/html"},
    "vendors": {"", "login", "logout", "invitations/<str:secret>", "docs", "docs/<path:slug>"},
    "tenant": {"login", "logout", "invitations/<str:secret>", "docs", "docs/<path:slug>"},
}  # fmt: skip
FOR_PROGRAMS = re.compile(r"\^?(api/|\.well-known|packages/|healthz|readyz|metrics)")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def pages_of(host_kind: str) -> Iterator[tuple[str, Any]]:
    for pattern in import_module(f"cloudlicenses.urls.{host_kind}").urlpatterns:
        assert isinstance(pattern, URLPattern)
        if not FOR_PROGRAMS.match(str(pattern.pattern)):
            yield str(pattern.pattern), pattern.callback


def filled(route: str) -> str:
    return "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int)\w+:\w+>", "x", route))


GUARDED = [
    (host_kind, route, view)
    for host_kind in OPEN
    for route, view in pages_of(host_kind)
    if route not in OPEN[host_kind]
]
SITES = {"apex": sites.apex, "vendors": sites.vendors, "tenant": lambda: sites.tenant(cast.MERCEDES.id)}


@pytest.mark.parametrize(("host_kind", "route", "view"), GUARDED, ids=[f"{kind}/{route}" for kind, route, _ in GUARDED])
def test_a_page_that_is_not_for_strangers_needs_a_right_that_somebody_has(
    host_kind: str, route: str, view: Any, db: None
):
    assert any(may(role, view.needed_right) for role in RIGHTS)
    asked = SITES[host_kind]().get(filled(route))
    if asked.status_code != 405:
        assert asked.status_code == 302
        assert "login?next=" in asked.headers["Location"]
    posted = SITES[host_kind]().post(filled(route))
    assert posted.status_code in {302, 405}
    assert "login" in posted.headers.get("Location", "login")


def test_pages_for_strangers_are_still_there():
    for host_kind, routes in OPEN.items():
        assert routes <= {route for route, _ in pages_of(host_kind)}


def test_every_role_has_rights_and_every_right_has_a_role():
    assert set(RIGHTS) == set(Role)
    assert not may("owner", "platform:manage")
    assert not may("operator", "licenses:read")
    assert not may("nobody", "licenses:read")
    assert not may("owner", "")


@pytest.mark.parametrize("host_kind", OPEN)
def test_no_page_carries_inline_script_or_style(
    host_kind: str, owner: sites.Site, operator: sites.Site, seller: sites.Site
):
    site = {"apex": operator, "vendors": seller, "tenant": owner}[host_kind]
    for route, _view in pages_of(host_kind):
        if "<" in route or route.endswith("logout") or route == "dev/mail":
            continue
        answer = site.get("/" + route, follow=True)
        text = answer.content.decode()
        assert not INLINE.search(text), route
        assert text.count("<h1") == 1, route
        assert '<main id="main"' in text, route
        assert '<html lang="en"' in text, route


def test_the_policy_allows_our_own_files_and_no_inline_anything(apex: sites.Site, mercedes_site: sites.Site, db: None):
    for site, path in (
        (apex, "/"),
        (apex, "/docs"),
        (apex, "/nothing"),
        (mercedes_site, "/login"),
        (mercedes_site, "/"),
    ):
        policy = site.get(path).headers["Content-Security-Policy"]
        assert policy == csp.rendered(csp.STRICT)
        assert "unsafe" not in policy
    assert apex.get("/").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/licenses/a%00b", "/keys/a%00b/revoke", "/invitations/a%00b", "/docs/a%00b", "/audit?about=%00"]
)
def test_a_null_character_is_nobodys_address(path: str, owner: sites.Site):
    assert owner.get(path).status_code in {200, 404}


def test_pages_can_be_translated(owner: sites.Site):
    """Nothing here depends on the English of the templates: they render in whatever language is active."""
    with override("de"):
        assert owner.get("/").status_code == 200


@pytest.mark.parametrize("place", [FOR_PAGES, FOR_TESTS], ids=["pages", "tests"])
def test_vendored_files_are_as_their_manifest_says(place: Any):
    assert list(faults_of(place)) == []
    assert (place / "MANIFEST.json").is_file()
    for directory in place.iterdir():
        assert directory.name == "MANIFEST.json" or (directory / "LICENSE").is_file()


def test_vendored_files_stay_small():
    size = sum(path.stat().st_size for place in (FOR_PAGES, FOR_TESTS) for path in place.rglob("*") if path.is_file())
    assert size < 1_500_000
