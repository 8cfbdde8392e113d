"""Webhooks go to public addresses: judged after resolution, at the address that is connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from pytest_django import Settings

from cloudlicenses.web.outgoing import addresses, wire
from cloudlicenses.web.outgoing.addresses import AddressRefused
from cloudlicenses.web.outgoing.problems import Unsent
from cloudlicenses.web.outgoing.refusals import UnfitUrl
from tests.billing import receiver

PRIVATE = (
    "127.0.0.1 127.8.9.10 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0.1.2.3 "
    "224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 "
    ":: ::1 fe80::1 fc00::1 fd12:3456::1 ff02::1 fec0::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 "
    "::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2001:0:53aa:64c:0:0:80ff:fffe 100::1"
).split()
PUBLIC = (
    "8.8.8.8 1.1.1.1 93.184.216.34 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001:80b::200e ::ffff:8.8.8.8 64:ff9b::808:808"
).split()


@pytest.mark.parametrize("address", PRIVATE)
def test_these_are_not_public(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_these_are(address: str) -> None:
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://vector.example/in",
        "ftp://vector.example/in",
        "file:///etc/passwd",
        "https://user:secret@vector.example/in",
        "https://vector.example/in#part",
        "https:///in",
        "https://127.0.0.1/in",
        "https://127.1/in",
        "https://2130706433/in",
        "https://0x7f.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]:8443/in",
        "https://169.254.169.254/latest/meta-data",
        "https://vector.example:0/in",
        "https://vector.example:99999/in",
        "https://vector.example/" + "a" * 500,
        "no url",
        "https://vector.example/\x00",
        "https://[::1/in",
    ],
)
def test_these_urls_are_refused(url: str) -> None:
    with pytest.raises(UnfitUrl):
        addresses.checked_url(url)


@pytest.mark.parametrize(
    "url", ["https://vector.example/in?x=1", "https://vector.example:8443/in", "https://müller.example/in"]
)
def test_these_urls_are_taken(url: str) -> None:
    assert addresses.checked_url(url).startswith("https://")


def test_with_the_operators_leave_private_ones_are_taken(settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    assert addresses.checked_url("http://127.0.0.1:9000/in") == "http://127.0.0.1:9000/in"


def test_a_name_that_leads_to_ourselves_is_refused_at_sending() -> None:
    with receiver.running() as vendors_system, pytest.raises(Unsent, match="not a public address"):
        wire.post(f"http://localhost:{vendors_system.port}/ok", b"{}", {})
    assert vendors_system.got == []


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [_found("8.8.8.8"), _found("10.0.0.1")])
    with pytest.raises(AddressRefused):
        addresses.resolved("vector.example", 443)


def test_a_name_that_does_not_resolve_is_said_so() -> None:
    with pytest.raises(Unsent, match="can't be resolved"):
        wire.post("https://nowhere.invalid/in", b"{}", {})


def test_the_judged_address_is_the_one_that_is_called(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently each time is asked once; the Host header keeps the name."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    asked: list[Any] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [_found("127.0.0.1" if len(asked) == 1 else "192.0.2.1")]

    with receiver.running() as vendors_system:
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *a, **k: resolve(host) if host == "vector.example" else real(host, *a, **k),
        )
        assert wire.post(f"http://vector.example:{vendors_system.port}/ok", b"{}", {}) == (200, "thank you")
        assert asked == ["vector.example"]
        assert vendors_system.got[0][1]["host"] == f"vector.example:{vendors_system.port}"


def _found(address: str) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
