"""Headers that claim what only a proxy may say, or to be somewhere else: nobody is believed who has no right to say it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts import tokens
from audit.models import AuditEntry
from tenants import queries
from tenants.context import inside
from tests import builders, cast, servers, sites
from tests.attacks import wire
from tests.servers import Server

WANTED = b'{"product_id": "davinci-configurator-se", "user": "anna"}'
NEIGHBOUR = cast.BMW.company_name.encode()  # whole: three letters of it stand in a random token now and then
INSIDE, OUTSIDE = "10.1.2.3", "127.0.0.1"
CHECKOUT, LICENSES = "/api/v1/licenses/checkout", "/api/v1/licenses"


@pytest.fixture(scope="module")
def _behind_a_proxy(django_db_setup: None) -> Iterator[Server]:
    """Whoever connects is a trusted proxy: what comes in headers is what it passes through."""
    with servers.running(TRUSTED_PROXIES="127.0.0.1/32") as server:
        yield server


@pytest.fixture
def proxied(_behind_a_proxy: Server, committed: None) -> Server:
    return _behind_a_proxy


@pytest.fixture
def bound_key(committed: None) -> str:
    """A key of Mercedes' that works from one network alone."""
    with inside(cast.MERCEDES.id):
        builders.granted()
        return builders.tenant_key(allowed_ip_ranges=["10.0.0.0/8"])


def ask(server: Server, path: str, key: str, *lines: str) -> bytes:
    method, body = ("POST", WANTED) if path == CHECKOUT else ("GET", b"")
    kept = ("Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}")
    start = wire.head(method, path, "mercedes.localhost", f"Authorization: Bearer {key}", *lines, *kept)
    return wire.ask(server, start + body)


@pytest.mark.parametrize("path", [CHECKOUT, LICENSES])
@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP",
     "X-Originating-IP", "Remote-Addr", "Remote_Addr", "Client-IP", "X-Cluster-Client-IP"],
)  # fmt: skip
def test_nobody_chooses_their_own_address(server: Server, bound_key: str, path: str, header: str) -> None:
    value = f"for={INSIDE}" if header == "Forwarded" else INSIDE
    answer = ask(server, path, bound_key, f"{header}: {value}")
    assert wire.statuses(answer) == [403], answer
    assert b"ip_not_allowed" in answer


@pytest.mark.parametrize("path", [CHECKOUT, LICENSES])
@pytest.mark.parametrize(
    "lines",
    [
        [f"X-Forwarded-For: {INSIDE}, 203.0.113.9"],
        [f"X-Forwarded-For: {INSIDE}", "X-Forwarded-For: 203.0.113.9"],
        ["X-Forwarded-For: 203.0.113.9", f"X_Forwarded_For: {INSIDE}"],
        [f"x_forwarded-for: {INSIDE}", "X-Forwarded-For: 203.0.113.9"],
        [f"X-Forwarded-For: 203.0.113.9, {INSIDE}:x"],
        [f"X-Real-IP: {INSIDE}", "X-Forwarded-For: 203.0.113.9"],
    ],
    ids=["left part", "line before", "underscored after", "underscored before", "no address", "another header"],
)
def test_what_a_client_puts_beside_the_proxys_word_is_not_believed(
    proxied: Server, bound_key: str, path: str, lines: list[str]
) -> None:
    assert wire.statuses(ask(proxied, path, bound_key, *lines)) == [403]


@pytest.mark.parametrize("path", [CHECKOUT, LICENSES])
def test_the_proxys_word_is_believed(proxied: Server, bound_key: str, path: str) -> None:
    assert wire.statuses(ask(proxied, path, bound_key, f"X-Forwarded-For: {INSIDE}")) in ([201], [200])


@pytest.mark.parametrize("path", [CHECKOUT, LICENSES])
@pytest.mark.parametrize("header", ["X-Client-Cert", "X_Client_Cert", "X-Ssl-Client-Cert", "Client-Cert"])
def test_a_certificate_in_a_header_is_nobodys_proof(server: Server, committed: None, path: str, header: str) -> None:
    with inside(cast.MERCEDES.id):
        builders.granted()
        key = builders.tenant_key(require_mtls=True, client_cert_cn="ws-042")
    answer = ask(server, path, key, f"{header}: -----BEGIN%20CERTIFICATE-----%0AMIIB")
    assert wire.statuses(answer) == [403], answer


def test_an_underscored_certificate_is_nobodys_proof_behind_a_proxy_either(proxied: Server, committed: None) -> None:
    """A proxy that sets X-Client-Cert only when there is one lets X_Client_Cert through."""
    with inside(cast.MERCEDES.id):
        key = builders.tenant_key(require_mtls=True)
    assert wire.statuses(ask(proxied, LICENSES, key, "X_Client_Cert: -----BEGIN%20CERTIFICATE-----")) == [403]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "bmw.localhost.evil.example", "bmw.localhost@evil.example", "evil.example:80#bmw.localhost",
        "bmw.localhost/..", "bmw.localhost%00", "bmw..localhost", ".localhost", "localhost.evil", "127.0.0.1", "[::1]",
        "vendors.bmw.localhost", "xbmw.localhost", "bmw\tlocalhost", "bmw.localhost,mercedes.localhost", "tenant_bmw.localhost",
        "public.localhost", "pg_catalog.localhost", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/v1/licenses", "/login", CHECKOUT])
def test_a_host_that_is_not_ours_leads_nowhere(server: Server, committed: None, host: str, path: str) -> None:
    method = "POST" if path == CHECKOUT else "GET"
    answer = wire.ask(server, wire.head(method, path, host, "Connection: close", "Content-Length: 0"))
    assert wire.statuses(answer) in ([404], [400]), answer
    assert NEIGHBOUR not in answer


@pytest.mark.parametrize(
    "lines",
    [
        ["Host: bmw.localhost"],
        ["X-Forwarded-Host: bmw.localhost"],
        ["X-Host: bmw.localhost", "X-Original-URL: /login", "X-Rewrite-URL: /login"],
        ["Forwarded: host=bmw.localhost"],
        ["X_Forwarded_Host: bmw.localhost"],
    ],
    ids=["twice", "forwarded", "rewritten", "standard", "underscored"],
)
def test_no_other_header_chooses_the_host(proxied: Server, committed: None, lines: list[str]) -> None:
    """A neighbour's key, and the neighbour's host in every header but the one that counts."""
    with inside(cast.BMW.id):
        key = tokens.issue(builders.person("anna@bmw.de"), "x", actor=builders.actor())[1]
    answer = ask(proxied, LICENSES, key, *lines)
    assert wire.statuses(answer) in ([401], [403], [404]), answer


def test_a_whole_url_in_the_request_line_goes_to_the_host_of_its_header(server: Server, committed: None) -> None:
    start = wire.head("GET", "http://bmw.localhost/login", "mercedes.localhost", "Connection: close")
    answer = wire.ask(server, start)
    assert NEIGHBOUR not in answer
    assert wire.statuses(answer)[0] in {200, 400, 404}


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_the_method_is_the_one_that_was_sent(server: Server, committed: None, header: str) -> None:
    with inside(cast.MERCEDES.id):
        token = tokens.issue(builders.person(), "x", actor=builders.actor())[1]
        builders.tenant_key(id="key-1")
    answer = wire.ask(
        server,
        wire.head(
            "POST", "/api/v1/keys/key-1", "mercedes.localhost", f"Authorization: Bearer {token}", f"{header}: DELETE",
            "Connection: close", "Content-Length: 0",
        ),
    )  # fmt: skip
    assert wire.statuses(answer) == [405]


def test_what_a_stranger_calls_a_request_is_not_its_id(server: Server, committed: None) -> None:
    lines = ["X-Request-ID: 1\x85level=error", f"X-Request-ID: {'a' * 200}"]
    for line in lines:
        answer = wire.ask(server, wire.head("GET", "/healthz", "localhost", line, "Connection: close"))
        assert line.partition(": ")[2].encode("latin-1") not in answer


@pytest.fixture
def refused_key(server: Server) -> AuditEntry:
    """What the log says of a key that was refused while the caller claimed another address."""
    with inside(cast.MERCEDES.id):
        key = builders.tenant_key(allowed_ip_ranges=["10.0.0.0/8"])
    ask(server, LICENSES, key, f"X-Forwarded-For: {INSIDE}")
    with inside(cast.MERCEDES.id):
        return AuditEntry.objects.get(event="key.refused")


def test_the_log_has_the_address_that_was_connected_from(refused_key: AuditEntry) -> None:
    assert refused_key.ip == OUTSIDE


def test_a_name_longer_than_names_are_is_not_remembered(db: None) -> None:
    """Ten thousand hosts are remembered for a second or more: as long as strangers like, they would be a gigabyte."""
    for length in (200, 2_000, 60_000):
        assert sites.Site("x" * length + ".example").get("/").status_code == 404
    assert max(map(len, queries._remembered)) < 300
