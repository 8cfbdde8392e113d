"""What a key is bound to, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from certificates.proving import Proof
from cloudlicenses.kit.refusals import Refusal
from keys.recognising import KeyFacts
from keys.refusals import ClientCertificateRejected, ClientCertificateRequired, HostnameNotAllowed, IpNotAllowed
from keys.restrictions import Presented, check

KEY = KeyFacts(
    id="key-1", owner="mercedes", app_name="w", scopes=("license:checkout",), allowed_hostnames=(), allowed_ip_ranges=(),
    allowed_products=(), require_mtls=False, client_cert_cn="", client_cert_names=(), checkouts_per_minute=None,
    requests_per_hour=None, expires_at=None, revoked_at=None,
)  # fmt: skip


def refusal(key: KeyFacts, presented: Presented) -> type[Refusal] | None:
    try:
        check(key, presented, scope="license:checkout")
    except Refusal as refused:
        return type(refused)
    return None


@pytest.mark.parametrize(
    ("ranges", "address", "is_allowed"),
    [
        (("10.0.0.0/8",), "10.255.0.1", True),
        (("10.0.0.0/8",), "11.0.0.1", False),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", True),  # the same address, as a dual-stack socket tells it
        (("203.0.113.7/32", "2001:db8::/32"), "2001:db8:1::1", True),
        (("2001:db8::/32",), "2001:db9::1", False),
        (("2001:db8::/32",), "10.0.0.1", False),
        (("10.0.0.0/8",), "", False),
        (("10.0.0.0/8",), "not an address", False),
        ((), "198.51.100.1", True),
        (("::ffff:10.0.0.0/104",), "10.1.2.3", True),  # IPv4 written as IPv6, in the list
        (("::ffff:10.0.0.0/104",), "11.1.2.3", False),
        (("::ffff:10.0.0.7",), "::ffff:10.0.0.7", True),
        (("0.0.0.0/0",), "2001:db8::1", False),
        (("::/0",), "10.0.0.1", False),
        (("::/0",), "::ffff:10.0.0.1", False),
        (("10.0.0.0/8",), "::10.0.0.1", False),  # the deprecated "compatible" writing is another address
        (("10.0.0.0/8",), "64:ff9b::a00:1", False),  # behind a NAT64 it is the NAT's address
        (("10.0.0.0/8",), "2002:a00:1::1", False),  # 6to4 as well
        (("10.0.0.0/8",), "010.0.0.1", False),  # some read octal here
        (("10.0.0.0/8",), "0x0a000001", False),
        (("10.0.0.0/8",), "167772161", False),
        (("10.0.0.0/8",), "10.0.0.1, 10.0.0.2", False),
        (("10.0.0.0/8",), "10.0.0.1\n", False),
        (("fe80::/10",), "fe80::1%eth0", True),
    ],
)
def test_addresses(ranges: tuple[str, ...], address: str, is_allowed: bool) -> None:
    found = refusal(replace(KEY, allowed_ip_ranges=ranges), Presented(ip=address))
    assert found is (None if is_allowed else IpNotAllowed)


@pytest.mark.parametrize(
    ("named", "is_allowed"),
    [
        (("dev-ws-042.mercedes.com",), True),
        (("DEV-WS-042.mercedes.com.",), True),
        (("dev-ws-043.mercedes.com",), False),
        (("dev-ws-042.mercedes.com", "elsewhere.example"), False),  # header and body have to agree with the key, both
        ((), False),
        (("dev-ws-042.mercedes.com..",), False),
        ((".dev-ws-042.mercedes.com",), False),
        (("x.dev-ws-042.mercedes.com",), False),
        (("dev-ws-042.mercedes.com.evil.example",), False),
        (("*",), False),
        (("*.mercedes.com",), False),
        (("dev-ws-042.mercedes.com, dev-ws-042.mercedes.com",), False),  # a header sent twice
        (("dev-ws-042.mercedes.com:443",), False),
        (("dev-ws-042.mercedes.com\0",), False),
        (("dev\u2010ws-042.mercedes.com",), False),  # a hyphen that only looks like one
        (("dev-ws-042.m\u0435rcedes.com",), False),  # a Cyrillic letter
        (("",), False),
        ((".",), False),
    ],
)
def test_hostnames(named: tuple[str, ...], is_allowed: bool) -> None:
    found = refusal(
        replace(KEY, allowed_hostnames=("dev-ws-042.mercedes.com",)), Presented(ip="10.0.0.1", hostnames=named)
    )
    assert found is (None if is_allowed else HostnameNotAllowed)


@pytest.mark.parametrize("allowed", ["büro.mercedes.com", "xn--bro-hoa.mercedes.com", "XN--BRO-HOA.Mercedes.com."])
@pytest.mark.parametrize("named", ["büro.mercedes.com", "BÜRO.mercedes.com", "xn--bro-hoa.mercedes.com."])
def test_a_name_is_the_same_in_letters_and_in_punycode(allowed: str, named: str) -> None:
    bound = replace(KEY, allowed_hostnames=(allowed,))
    assert refusal(bound, Presented(ip="10.0.0.1", hostnames=(named,))) is None
    assert refusal(bound, Presented(ip="10.0.0.1", hostnames=("buro.mercedes.com",))) is HostnameNotAllowed


def test_a_star_that_got_into_the_list_is_a_name_and_no_wildcard() -> None:
    bound = replace(KEY, allowed_hostnames=("*", "*.mercedes.com"))
    assert refusal(bound, Presented(ip="10.0.0.1", hostnames=("dev.mercedes.com",))) is HostnameNotAllowed


PROOF = Proof(
    common_names=frozenset({"davinci-ws-042.mercedes.com"}),
    names=frozenset({"DNS:ws-042.mercedes.com", "URI:spiffe://mercedes.com/build"}),
    valid_until=datetime(9999, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("binding", "proof", "expected"),
    [
        ({}, None, None),
        ({}, Proof(fault="revoked"), None),  # a key that asks for none doesn't care
        ({"require_mtls": True}, None, ClientCertificateRequired),
        ({"require_mtls": True}, PROOF, None),
        ({"require_mtls": True}, Proof(fault="revoked"), ClientCertificateRejected),
        ({"require_mtls": True}, replace(PROOF, valid_until=datetime(2026, 1, 1, tzinfo=UTC)), ClientCertificateRejected),
        ({"client_cert_cn": "DaVinci-ws-042.mercedes.com"}, PROOF, None),
        ({"client_cert_cn": "DaVinci-ws-042.mercedes.com"}, None, ClientCertificateRequired),
        ({"client_cert_cn": "ws-042.mercedes.com"}, PROOF, ClientCertificateRejected),  # a common name, not another name
        ({"client_cert_names": ("URI:spiffe://mercedes.com/build",)}, PROOF, None),
        ({"client_cert_names": ("DNS:other", "DNS:ws-042.mercedes.com")}, PROOF, None),
        ({"client_cert_names": ("DNS:davinci-ws-042.mercedes.com",)}, PROOF, ClientCertificateRejected),
        ({"client_cert_names": ("URI:spiffe://mercedes.com/build",)}, None, ClientCertificateRequired),
        ({"client_cert_cn": "davinci-ws-042.mercedes.com", "client_cert_names": ("DNS:other",)}, PROOF, ClientCertificateRejected),
    ],
)  # fmt: skip
def test_certificates(binding: dict[str, Any], proof: Proof | None, expected: type[Refusal] | None) -> None:
    assert refusal(replace(KEY, **binding), Presented("10.0.0.1", proof=proof)) is expected


def test_a_thief_is_not_told_whom_the_key_is_bound_to() -> None:
    with pytest.raises(ClientCertificateRejected) as refused:
        check(replace(KEY, client_cert_cn="ws-043"), Presented("10.0.0.1", proof=PROOF), scope="license:checkout")
    assert "another common name" in refused.value.detail
    assert "ws-043" not in refused.value.detail
