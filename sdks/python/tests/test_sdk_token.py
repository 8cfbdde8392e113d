"""A signed lease is believed only when it is genuine, ours, and timely."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloudlicenses_client import ClockSetBackError, LeaseTokenError, LeaseTokenExpiredError, LicenseClient
from cloudlicenses_client._token import parse
from sdk_contract_mishaps import Reply, answers, problem
from sdk_contract_server import ALICE, JWKS, RETURN, ContractServer, b64, sign
from sdk_stage import MovableClock

NewClient = Callable[..., LicenseClient]


@pytest.mark.parametrize(
    ("claim", "value", "named"),
    [
        ("sub", "mallory@mercedes.com", "user"),
        ("product", "another-product", "product"),
        ("tenant", "bmw", "tenant"),
        ("hostname", "other-ws.mercedes.com", "host"),
        ("jti", "lease-of-somebody", "lease"),
    ],
)
def test_a_genuine_lease_of_somebody_else_is_refused_and_its_seat_given_back(
    server: ContractServer, client: LicenseClient, claim: str, value: str, named: str
) -> None:
    server.claims_override = {claim: value}
    with pytest.raises(LeaseTokenError, match=f"another {named}"):
        client.checkout(user=ALICE)
    assert server.leases == {}
    assert len(server.asked(RETURN)) == 1


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA", "typ": "JWT"},
        {"crit": ["exp"]},
        {"kid": None},
        {"kid": "unknown"},
    ],
)
def test_only_our_algorithm_our_type_and_a_published_key_will_do(
    server: ContractServer, client: LicenseClient, header: dict[str, Any]
) -> None:
    server.header_override = header
    with pytest.raises(LeaseTokenError):
        client.checkout(user=ALICE)
    assert server.leases == {}


@pytest.mark.parametrize(
    "claim", ["sub", "jti", "product", "tenant", "vendor", "license", "lease_type", "iat", "exp", "features"]
)
def test_a_lease_with_a_claim_missing_or_malformed_is_refused(
    server: ContractServer, client: LicenseClient, claim: str
) -> None:
    values: tuple[Any, ...] = (None, [], True)
    for value in values:
        server.claims_override = {claim: value}
        with pytest.raises(LeaseTokenError, match=claim):
            client.checkout(user=ALICE)


def test_a_tampered_lease_is_refused(server: ContractServer, client: LicenseClient) -> None:
    server.token_for = tampered(server.token_for)  # type: ignore[method-assign]  # the server signs, somebody on the way edits
    with pytest.raises(LeaseTokenError, match="signature is wrong"):
        client.checkout(user=ALICE)


def tampered(token_for: Callable[..., str]) -> Callable[..., str]:
    def token(lease: dict[str, Any], **changed: Any) -> str:
        header, payload, signature = token_for(lease, **changed).split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        claims["features"]["can_fly"] = True
        return f"{header}.{b64(json.dumps(claims).encode())}.{signature}"

    return token


def test_a_lease_signed_with_another_key_under_a_published_name_is_refused(
    server: ContractServer, client: LicenseClient
) -> None:
    published = server.jwks()
    server.jwks = lambda: published  # type: ignore[method-assign]  # what is published stays, the signer changes
    server.signing_key = Ed25519PrivateKey.generate()
    with pytest.raises(LeaseTokenError, match="signature is wrong"):
        client.checkout(user=ALICE)


def test_a_rotated_key_is_fetched_when_it_first_signs(server: ContractServer, client: LicenseClient) -> None:
    client.checkout(user=ALICE)
    server.signing_key, server.key_id = Ed25519PrivateKey.generate(), "key-2026-2"
    assert client.checkout(user=ALICE).is_valid()
    assert len(server.asked(JWKS)) == 2


def test_a_withdrawn_key_is_forgotten_after_a_day(
    server: ContractServer, client: LicenseClient, movable: MovableClock
) -> None:
    server.now = movable.wall
    client.checkout(user=ALICE)
    former, former_id = server.signing_key, server.key_id
    server.signing_key, server.key_id = Ed25519PrivateKey.generate(), "key-2026-2"
    movable.advance(25 * 3600)
    client.checkout(user=ALICE)
    with pytest.raises(LeaseTokenError, match="does not publish"):
        client._session._keyring.known(former_id)
    assert former != server.signing_key


def test_keys_of_other_kinds_and_broken_ones_are_passed_over(server: ContractServer, client: LicenseClient) -> None:
    server.extra_jwks = [
        {"kty": "AKP", "alg": "ML-DSA-65", "kid": server.key_id, "pub": "AAAA", "weight": 1.5},
        {"kty": "OKP", "crv": "X25519", "kid": server.key_id, "x": "A" * 43},
        {"kty": "OKP", "crv": "Ed25519", "kid": server.key_id, "x": "too-short"},
        {"kty": "OKP", "crv": "Ed25519", "kid": 7, "x": "A" * 43},
        {"kty": "OKP"},
    ]
    assert client.checkout(user=ALICE).is_valid()


def test_when_the_keys_cannot_be_had_the_seat_goes_back(server: ContractServer, new_client: NewClient) -> None:
    client = new_client(max_retries=0)
    server.mishaps.append(lambda handler, carry_out: handler.reply(carry_out()))
    server.mishaps.append(answers(problem(503, "busy")))
    with pytest.raises(Exception, match="busy"):
        client.checkout(user=ALICE)
    assert server.leases == {}


@pytest.mark.parametrize("jwks", [b"{}", b'{"keys": null}', b'{"keys": ["x", 1, {}]}'])
def test_an_empty_or_broken_key_set_makes_no_lease_believable(
    server: ContractServer, client: LicenseClient, jwks: bytes
) -> None:
    server.mishaps.append(lambda handler, carry_out: handler.reply(carry_out()))
    server.mishaps.append(answers(Reply(200, jwks)))
    with pytest.raises(LeaseTokenError, match="does not publish"):
        client.checkout(user=ALICE)


def test_a_clock_that_runs_behind_is_named(
    server: ContractServer, client: LicenseClient, movable: MovableClock
) -> None:
    movable.set_wall(-3600)
    with pytest.raises(ClockSetBackError, match="Set the clock right"):
        client.checkout(user=ALICE)


def test_a_clock_that_runs_ahead_is_named(server: ContractServer, client: LicenseClient, movable: MovableClock) -> None:
    movable.set_wall(3600)
    with pytest.raises(LeaseTokenExpiredError, match="valid until"):
        client.checkout(user=ALICE)


def test_clocks_that_differ_a_little_are_fine(client: LicenseClient, movable: MovableClock) -> None:
    movable.set_wall(-60)
    assert client.checkout(user=ALICE).is_valid()


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c",
        "e30.e30.AA",
        "é.e30.AA",
        "e30=.e30.AA",
        "A" * 70_000,
        "W10.e30.AA",
        "_w._w._w",
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(LeaseTokenError):
        parse(token)


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(LeaseTokenError):
        parse(f"{b64(b'[' * 30_000)}.e30.AA")


def test_parsing_believes_nothing(server: ContractServer) -> None:
    header = {"alg": "EdDSA", "typ": "cl-lease+jwt", "kid": "k"}
    token = sign(Ed25519PrivateKey.generate(), header, {"anything": 1})
    assert parse(token).key_id == "k"
