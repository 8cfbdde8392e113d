"""What every answer tells a browser: not to frame it, not to guess its type, not to keep it, where it came from and over what, and
what of a device it may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cloudlicenses.access.addresses import Address, addresses
from cloudlicenses.web import permissions
from tests import cast, servers, sites
from tests.attacks.routes import by_place, filled
from tests.attacks.test_forms import trusting_nobody
from tests.servers import Server

EVERY = [address for address in addresses() if "GET" in address.rights]
SHARED = (
    "/static/",
    "/.well-known/",
    "/docs",
    "/problems",
    "/brands/",
    "/api/v1/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
)
DOMAIN = "licenses.example"


@pytest.mark.parametrize("asked", by_place(EVERY).values(), ids=by_place(EVERY))
def test_no_answer_is_framed_sniffed_or_kept(asked: list[Address], db: None) -> None:
    browser = trusting_nobody(asked[0].host)
    for address in asked:
        where = filled(address, {})
        _assert_not_framed_sniffed_or_kept(browser.get(where), address, where)


def _assert_not_framed_sniffed_or_kept(answer: Any, address: Address, where: str) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy or (
        "frame-ancestors 'self'" in policy and where.startswith("/dev/mail")
    ), where
    assert "object-src 'none'" in policy or "default-src 'none'" in policy, where
    assert "base-uri 'none'" in policy or "default-src 'none'" in policy, where
    assert "unsafe-eval" not in policy, where
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0], where
    assert answer.headers["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}, where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
    assert answer.headers["Permissions-Policy"] == permissions.POLICY, where
    kind = answer.headers.get("Content-Type", "")
    assert (
        not kind.startswith("text/") or kind == "text/event-stream" or "charset=utf-8" in kind.replace('"', "").lower()
    ), where
    if answer.status_code == 200 and not where.startswith(SHARED) and address.rights["GET"]:
        assert "no-store" in answer.headers.get("Cache-Control", ""), where


def test_a_page_may_use_passkeys_and_copy_and_nothing_else_of_a_device() -> None:
    said = dict(each.split("=") for each in permissions.POLICY.split(", "))
    open_to_us = {name for name, who in said.items() if who != "()"}
    assert open_to_us == {"publickey-credentials-get", "publickey-credentials-create", "clipboard-write"}
    assert {said[name] for name in open_to_us} == {"(self)"}
    assert {"camera", "microphone", "geolocation", "payment", "usb", "clipboard-read"} <= set(said) - open_to_us


@pytest.fixture(scope="module")
def _deployed(django_db_setup: None) -> Iterator[Server]:
    """As on the Internet: a domain, HTTPS ended by a trusted proxy."""
    with servers.running(BASE_DOMAIN=DOMAIN, TRUSTED_PROXIES="127.0.0.1/32", LOG_FORMAT="json") as server:
        yield server


@pytest.fixture
def deployed(_deployed: Server, committed: None) -> Server:
    return _deployed


def ask(server: Server, method: str, path: str, label: str = "mercedes", **sent: Any) -> httpx.Response:
    headers = {"Host": f"{label}.{DOMAIN}", "X-Forwarded-Proto": "https", **sent.pop("headers", {})}
    return httpx.request(method, f"{server.url}{path}", headers=headers, trust_env=False, timeout=60, **sent)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/login"), ("GET", "/nothing"), ("GET", "/api/v1/licenses"), ("POST", "/api/v1/licenses/checkout"),
     ("GET", "/static/css/site.css"), ("GET", "/.well-known/jwks.json"), ("POST", "/login"), ("GET", "/healthz")],
)  # fmt: skip
def test_every_answer_asks_for_https_from_then_on(deployed: Server, method: str, path: str) -> None:
    answer = ask(deployed, method, path)
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", path
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_cookies_belong_to_their_host_alone_and_travel_over_tls(deployed: Server) -> None:
    page = ask(deployed, "GET", "/login")
    cookies = page.headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        said = cookie.lower()
        assert said.startswith("__host-cl_")
        assert "; secure" in said
        assert "path=/" in said
        assert "domain=" not in said
        assert "samesite=lax" in said
        assert "httponly" in said or said.startswith("__host-cl_csrf")


def test_no_page_names_what_serves_it(deployed: Server) -> None:
    for path in ("/login", "/nothing", "/api/v1/licenses"):
        headers = ask(deployed, "GET", path).headers
        assert not {"server", "x-powered-by", "via", "x-aspnet-version"} & set(headers)


def test_signing_out_empties_the_browsers_cache(db: None) -> None:
    site = sites.tenant(cast.MERCEDES.id)
    assert site.post("/logout").headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/static/", "/static/../manage.py", "/static/%2e%2e/manage.py",
                                  "/docs/../../manage", "/static/js", "/.svn/entries", "/manage.py", "/static//etc/passwd",
                                  "/docs/..%2f..%2f..%2fetc%2fpasswd", "/brands/..%2f..%2fx/0000.png"])  # fmt: skip
def test_no_file_of_the_servers_own_is_handed_out(deployed: Server, path: str) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        request = client.build_request("GET", deployed.url, headers={"Host": f"mercedes.{DOMAIN}"})
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code in {400, 404}, answer.text[:200]
