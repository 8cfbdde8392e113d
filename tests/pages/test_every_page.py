"""What must hold for every page there is: read from the routes, so that a new page can't forget it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.urls import URLPattern
from django.utils.translation import override

from cloudlicenses.web import csp
from cloudlicenses.web.access import right_needed
from scripts.vendor_assets import FOR_PAGES, FOR_TESTS, faults_of
from tests import sites

# Pages for strangers (`@for_anyone`); everything else needs a right (tests/architecture/test_access.py). A line here is a decision.
ENTERING = {"login", "login/code", "login/passkey", "login/passkey/question", "logout", "forgotten-password"}
BY_MAIL = {"invitations/<str:secret>", "resets/<str:secret>"}
DOCS = {"docs", "docs/<path:slug>"}
BRANDS = {"brands/<slug:vendor_id>/<slug:digest>.png"}
OPEN = {
    "apex": {"", "security", "signup", "signup/<str:tenant_id>", "problems", "problems/<slug:code>", "dev/mail",
             "dev/mail/<str:name>", "dev/mail/<str:name>/html", *BY_MAIL, *DOCS, *{f"operator/{page}" for page in ENTERING}},
    "vendors": ENTERING | BY_MAIL | DOCS | BRANDS,
    "tenant": ENTERING | BY_MAIL | DOCS | BRANDS | {"alerts/revoke/<str:secret>"},
}  # fmt: skip
FOR_PROGRAMS = re.compile(r"\^?(api/|live$|\.well-known|packages/|ocsp|healthz|readyz|metrics)")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def pages_of(host_kind: str) -> Iterator[tuple[str, Any]]:
    for pattern in import_module(f"cloudlicenses.urls.{host_kind}").urlpatterns:
        assert isinstance(pattern, URLPattern)
        if not FOR_PROGRAMS.match(str(pattern.pattern)):
            yield str(pattern.pattern), pattern.callback


def test_what_is_open_to_strangers_was_decided():
    for host_kind, routes in OPEN.items():
        assert routes == {route for route, view in pages_of(host_kind) if right_needed(view) == ""}


@pytest.mark.parametrize("host_kind", OPEN)
def test_no_page_carries_inline_script_or_style(
    host_kind: str, owner: sites.Site, operator: sites.Site, seller: sites.Site
):
    site = {"apex": operator, "vendors": seller, "tenant": owner}[host_kind]
    for route, _view in pages_of(host_kind):
        if "<" in route or route.endswith("logout") or route == "dev/mail":
            continue
        answer = site.get("/" + route, follow=True)
        if answer.status_code == 405:
            continue  # takes a form, shows nothing
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
    "path", ["/licenses/a%00b", "/keys/a%00b/revoke", "/invitations/a%00b", "/docs/a%00b", "/audit?q=%00"]
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
