"""Webhooks as a way inside: every spelling of an inner address, redirects, and a name server that changes its mind.

The inner system is a real server that listens; what counts is whether it heard anything. The name server is real too: lookups go to
it over UDP, and what it says changes from one question to the next.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

import dns.resolver
import pytest
from dnslib import QTYPE, RR, A
from dnslib.dns import DNSRecord

from cloudlicenses.web.outgoing import addresses, wire
from cloudlicenses.web.outgoing.problems import Unsent
from tests import builders, cast, sites
from tests.billing import receiver
from tests.tenants import authority

LOOPBACK = (
    "127.0.0.1 127.1 127.0.1 0177.0.0.1 0x7f.0.0.1 0x7f000001 2130706433 017700000001 127.8.8.8 0 0.0.0.0 [::1] [::] "
    "[::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] "
    "①②⑦.⓪.⓪.① 127。0。0。1 localhost LOCALHOST localhost."
).split()
INNER = "10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.100.100.200 [fd00:ec2::254] [fe80::1] metadata".split()


@pytest.fixture
def inner() -> Iterator[receiver.Receiver]:
    """What nobody outside may reach: on every address of this machine."""
    with receiver.running() as running:
        yield running


@pytest.mark.parametrize("host", LOOPBACK)
def test_no_spelling_of_this_machine_is_called(inner: receiver.Receiver, host: str) -> None:
    with pytest.raises(Unsent):
        wire.post(f"http://{host}:{inner.port}/ok", b"{}", {})
    assert inner.got == []


@pytest.mark.parametrize("host", [*LOOPBACK[:-3], *INNER[:-1]])
def test_no_spelling_of_an_inner_address_is_taken_as_an_endpoint(db: None, host: str) -> None:
    assert added(f"https://{host}/in") == 422


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in", "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example:70/_x",
        "dict://hooks.example", "https://hooks.example@127.0.0.1/", "https://user:pass@hooks.example/",
        "https://127.0.0.1#@hooks.example/", "https://hooks.example:0/", "https://hooks.example:65536/",
        "https://hooks.example:22x/", "https:hooks.example", "//hooks.example", "https://hooks.example/\r\nHost: inner",
        "javascript:alert(1)", "https://", "data:,x", "https://[::1", "https://127.0.0.1\\@hooks.example/",
    ],
)  # fmt: skip
def test_no_other_scheme_user_or_trick_in_a_url_is_taken(db: None, url: str) -> None:
    assert added(url) == 422


def added(url: str) -> int:
    key = builders.vendor_key()
    wanted = {"url": url, "events": ["license.provisioned"]}
    answer = sites.vendors().ask("POST", "/api/v1/webhooks", wanted, key=key, x_vendor_id=cast.VECTOR.id)
    return int(answer.status_code)


def test_a_redirect_to_the_inside_is_not_followed(inner: receiver.Receiver, settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True  # so that the outer one can be called here at all
    status, _ = wire.post(inner.url("/redirect"), b"{}", {})
    assert status == 302
    assert [path for path, _, _ in inner.got] == ["/redirect"]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[authority.Authority]:
    """Names below `rebind.example` are asked of an authority of our own; all others of the system."""
    real = socket.getaddrinfo
    with authority.running() as running:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.cache = ["127.0.0.1"], running.port, None
        resolver.timeout = resolver.lifetime = 60

        def look_up(host: str, port: int, *args: Any, **options: Any) -> Any:
            if not str(host).endswith("rebind.example"):
                return real(host, port, *args, **options)
            found = [str(record) for record in resolver.resolve(host, "A", search=False)]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        yield running


def says_in_turn(names: authority.Authority, host: str, *answers: list[str]) -> None:
    """One answer to the first question, another one to the next."""
    waiting = list(answers)

    def reply(request: DNSRecord) -> DNSRecord:
        said = request.reply()
        for address in waiting.pop(0) if len(waiting) > 1 else waiting[0]:
            said.add_answer(RR(host, QTYPE.A, rdata=A(address), ttl=0))
        return said

    names.odd[host] = reply


@pytest.fixture
def outside(inner: receiver.Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """127.0.0.9 plays the Internet: an honest server there, at the very port at which the inner one listens on 127.0.0.1."""
    got: list[str] = []

    class Honest(receiver.Handler):
        def do_POST(self) -> None:
            got.append(self.headers["Host"])
            self._answer(200, b"outside")

    server = ThreadingHTTPServer(("127.0.0.9", inner.port), Honest)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    real = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == "127.0.0.9" or real(address))
    yield got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_name_that_leads_outside_first_and_inside_next_never_leads_inside(
    names: authority.Authority, outside: list[str], inner: receiver.Receiver
) -> None:
    says_in_turn(names, "rebind.example", ["127.0.0.9"], ["127.0.0.1"])
    assert wire.post(f"http://rebind.example:{inner.port}/ok", b"{}", {}) == (200, "outside")
    with pytest.raises(Unsent, match="not a public address"):
        wire.post(f"http://rebind.example:{inner.port}/ok", b"{}", {})
    assert outside == [f"rebind.example:{inner.port}"]
    assert inner.got == []
    assert len(names.asked) == 2, "once for each request: what was judged is what was called"


def test_an_inner_address_behind_an_outer_one_spoils_the_name(
    names: authority.Authority, outside: list[str], inner: receiver.Receiver
) -> None:
    """The outer one doesn't answer, so the next of the list would be tried."""
    says_in_turn(names, "two.rebind.example", ["127.0.0.9", "127.0.0.1"])
    with pytest.raises(Unsent, match="not a public address"):
        wire.post(f"http://two.rebind.example:{inner.port}/ok", b"{}", {})
    assert (outside, inner.got) == ([], [])


def test_an_alias_of_an_inner_name_is_judged_by_where_it_leads(
    names: authority.Authority, inner: receiver.Receiver
) -> None:
    says_in_turn(names, "alias.rebind.example", ["169.254.169.254"])
    with pytest.raises(Unsent, match=r"169\.254\.169\.254"):
        wire.post(f"http://alias.rebind.example:{inner.port}/latest/meta-data", b"{}", {})
    assert inner.got == []
