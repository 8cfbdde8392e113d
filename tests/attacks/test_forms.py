"""Forms of other people's pages, and fields that a form of ours has not; generated for every address that changes something."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from accounts.models import Role, User
from cloudlicenses.access.addresses import Address, addresses, api_of
from keys.faces import TenantApi
from keys.models import ApiKey
from licensing.models import License
from tenants import context
from tests import builders, cast, sites
from tests.attacks import intruders, victims
from tests.attacks.routes import by_place, filled

SAFE = {"GET", "HEAD"}
EXEMPT = {"tenant/ocsp"}  # programs ask there about certificates; nothing is changed, nobody is known
PAGES = [address for address in addresses() if address.is_page and str(address) not in EXEMPT]


def _methods_by_session(address: Address) -> list[str]:
    """Those of the API that change something for whoever has a session."""
    api = api_of(address.view)
    if api is None or not issubclass(api, TenantApi):
        return []
    return [method for method, right in address.rights.items() if right and method not in SAFE]


BY_SESSION = [address for address in addresses() if _methods_by_session(address)]


def trusting_nobody(host: str) -> Client:
    """The browser of somebody with every right, with Django's check of forms in force as in production."""
    site = {"apex": sites.apex, "vendors": sites.vendors, "tenant": partial(sites.tenant, cast.MERCEDES.id)}[host]()
    if host == "tenant":
        with context.inside(cast.MERCEDES.id):
            intruders.signed_in(site, victims.victim())
    elif host == "vendors":
        intruders.signed_in(site, victims.vendor_victim())
    else:
        intruders.signed_in(site, builders.person("ops@platform.example", role=Role.OPERATOR))
    browser = sites.strict(site.host)
    browser.cookies = site.cookies
    return browser


@pytest.mark.parametrize("pages", by_place(PAGES).values(), ids=by_place(PAGES))
def test_no_form_is_taken_from_another_page(pages: list[Address], db: None) -> None:
    """Without our token, with a made-up one, with another visitor's; and with the right one, from another origin."""
    host = pages[0].host
    browser, strangers = trusting_nobody(host), _token_of_somebody_else(host)
    right = "x" * 32
    browser.cookies["cl_csrf"] = right
    for address in pages:
        for token, origin in (("", ""), ("a" * 64, ""), (strangers, ""), (right, "https://evil.example")):
            headers = {"origin": origin} if origin else {}
            sent = {**intruders.FIELDS, "csrfmiddlewaretoken": token}
            answer: Any = browser.post(filled(address, {}), sent, headers=headers)
            assert answer.status_code == 403, (address, token, answer.status_code)
            assert b"form_expired" in answer.content or b"This form was open for too long" in answer.content, address


def test_what_takes_forms_from_anywhere_was_decided() -> None:
    exempt = {
        str(address) for address in addresses() if address.is_page and getattr(address.view, "csrf_exempt", False)
    }
    assert exempt == EXEMPT


@pytest.mark.parametrize("pages", by_place(PAGES).values(), ids=by_place(PAGES))
def test_looking_changes_nothing(pages: list[Address], db: None) -> None:
    """A link, a picture, a prefetch: GET asks nobody for a token, so no GET may write anything of the victim's."""
    browser = trusting_nobody(pages[0].host)
    before = _accounts(pages[0].host)
    for address in pages:
        if address.route.endswith("logout"):
            continue
        answer: Any = browser.get(filled(address, {}), {**intruders.FIELDS})
        assert answer.status_code < 500, address
        assert _accounts(address.host) == before, address


def _accounts(host: str) -> Any:
    with context.inside(cast.MERCEDES.id) if host == "tenant" else context.platform():
        return [
            *User.objects.values("email", "password", "role", "is_active"),
            *ApiKey.objects.values("id", "revoked_at"),
        ]


def _token_of_somebody_else(host: str) -> str:
    stranger = {"apex": sites.apex, "vendors": sites.vendors, "tenant": partial(sites.tenant, cast.MERCEDES.id)}[host]()
    stranger.get("/operator/login" if host == "apex" else "/login")
    return str(stranger.cookies["cl_csrf"].value)


@pytest.mark.parametrize("called", by_place(BY_SESSION).values(), ids=by_place(BY_SESSION))
def test_no_call_of_the_api_is_taken_from_another_page(called: list[Address], db: None) -> None:
    """With the cookie of somebody who may; as a form of another page can send it, and as a script there might try to."""
    browser, elsewhere = trusting_nobody("tenant"), {"origin": "https://evil.example"}
    for address in called:
        for method in _methods_by_session(address):
            for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
                answer: Any = browser.generic(method, filled(address, {}), b"{}", content_type=kind, headers=elsewhere)
                assert answer.status_code == 403, (address, method, kind, answer.content)


def test_no_other_origin_is_allowed_to_read_anything(db: None) -> None:
    """CORS: nobody is named, so a browser keeps every answer from other pages' scripts."""
    for host, site in (
        ("tenant", sites.tenant(cast.MERCEDES.id)),
        ("vendors", sites.vendors()),
        ("apex", sites.apex()),
    ):
        for path in ("/api/v1/openapi.json", "/", "/.well-known/jwks.json", "/api/v1/licenses"):
            for method in ("GET", "OPTIONS"):
                answer: Any = site.generic(method, path, headers={"origin": "https://evil.example"})
                allowed = [name for name in answer.headers if name.lower().startswith("access-control-")]
                assert allowed == [], f"{host}{path}"


EXTRA = {
    "role": "owner", "is_active": "on", "is_superuser": "on", "is_staff": "on", "vendor_id": "vector-de", "password": "x" * 20,
    "second_factor_since": "2020-01-01", "id": "1", "pk": "1", "user_id": "1", "email": "other@example.com",
    "created_at": "2020-01-01", "tenant_id": "bmw", "groups": "1", "user_permissions": "1",
}  # fmt: skip


def test_nobody_makes_themselves_an_owner_by_fields_that_a_form_has_not(db: None) -> None:
    site = sites.tenant(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        viewer = builders.person("viewer@mercedes-benz.com", role=Role.VIEWER)
        intruders.signed_in(site, viewer)
        before = dict(User.objects.filter(pk=viewer.pk).values().get())
    for path in ("/account", "/account/security", "/account/password", "/account/tokens/create"):
        site.post(path, EXTRA)
    with context.inside(cast.MERCEDES.id):
        after = dict(User.objects.filter(pk=viewer.pk).values().get())
    changeable = {"name", "language", "time_zone", "last_login"}
    assert {name: after[name] for name in after if name not in changeable} == {
        name: before[name] for name in before if name not in changeable
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/v1/licenses/lic-1/caps",
         {"max_in_use": 5, "total_licenses": 9999, "commit_qty": 9999, "overage_per_use": 0, "currency": "XXX"}),
        ("POST", "/api/v1/keys/generate",
         {"app_name": "x", "owner": "bmw", "id": "key-chosen", "secret_hash": "0" * 64, "revoked_at": None, "hint": "0000"}),
    ],
)  # fmt: skip
def test_members_that_an_endpoint_has_not_reach_no_column(db: None, method: str, path: str, body: Any) -> None:
    site = sites.tenant(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        intruders.signed_in(site, builders.person())
        before = License.objects.values("total_licenses", "commit_qty", "overage_per_use", "currency").get()
    answer = site.ask(method, path, body)
    assert answer.status_code in {200, 201, 422}, answer.content
    with context.inside(cast.MERCEDES.id):
        assert License.objects.values("total_licenses", "commit_qty", "overage_per_use", "currency").get() == before
        assert not ApiKey.objects.exclude(owner=cast.MERCEDES.id).exists()
        assert not ApiKey.objects.filter(id="key-chosen").exists()
        assert not ApiKey.objects.filter(secret_hash="0" * 64).exists()


ELSEWHERE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)", "data:text/html,x",
    "//evil.example\\@mercedes.localhost", "https://mercedes.localhost@evil.example", "/%2f/evil.example", "/.//evil.example",
    "\x00//evil.example", " //evil.example", "//\u3002evil.example", "http://mercedes.localhost:8000.evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(db: None, target: str) -> None:
    site = sites.tenant(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        builders.person("anna@mercedes-benz.com")
    said = {"email": "anna@mercedes-benz.com", "password": cast.PASSWORD}
    for answer in (site.post("/login", {**said, "next": target}), site.get("/account/confirm", {"next": target})):
        leads: str = answer.headers.get("Location", "/")  # type: ignore[attr-defined]  # the client's answer
        assert urlsplit(urljoin(f"http://{site.host}/login", _as_browsers_read(leads))).netloc == site.host, leads


def _as_browsers_read(url: str) -> str:
    """WHATWG: tabs and line breaks are dropped, blanks at the ends too, and a backslash is a slash."""
    return "".join(letter for letter in url if letter not in "\t\n\r").strip("\x00 ").replace("\\", "/")
