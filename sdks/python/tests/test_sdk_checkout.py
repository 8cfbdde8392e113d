"""A seat, from checkout to return, as the integration guide shows it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from cloudlicenses_client import (
    ConfigurationError,
    FeatureNotLicensedError,
    InvalidInputError,
    Lease,
    LeaseExpiredError,
    LicenseClient,
    LicenseUnavailableError,
    OverageMaxExceededError,
    UnexpectedAnswerError,
    __version__,
)
from sdk_contract_mishaps import Reply, answers, problem
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, HOST, PRODUCT, RETURN, ContractServer


def test_the_integration_guides_lines_work_as_written(server: ContractServer, client: LicenseClient) -> None:
    lease = client.checkout(user=ALICE)
    assert lease.id in server.leases
    assert lease.type == "commit"

    receipt = client.return_license(lease.id)

    assert server.leases == {}
    assert (receipt.status, receipt.total_cost, receipt.currency) == ("returned", Decimal(0), "EUR")


def test_a_lease_says_what_was_granted(server: ContractServer, client: LicenseClient) -> None:
    server.commit = 0
    lease = client.checkout(user=ALICE)
    assert (lease.product, lease.user, lease.hostname) == (PRODUCT, ALICE, HOST)
    assert (lease.type, lease.cost, lease.currency) == ("overage", Decimal("500.0"), "EUR")
    assert lease.license_id == "lic-vector-mercedes-2025-001"
    assert (lease.expires_at - lease.issued_at).total_seconds() == 900
    assert dict(lease.features) == {"can_editor": True, "can_simulate": False}
    assert lease.token.count(".") == 2
    assert not lease.is_offline
    assert lease.lost is None


def test_features_are_checked_on_the_signed_lease_without_asking_the_server(
    server: ContractServer, client: LicenseClient
) -> None:
    lease = client.checkout(user=ALICE)
    asked = len(server.requests)
    assert lease.has_feature("can_editor")
    assert not lease.has_feature("can_simulate")  # signed, but off
    assert not lease.has_feature("can_fly")
    assert lease.is_valid()
    assert len(server.requests) == asked


def test_the_block_returns_the_seat_at_its_end(server: ContractServer, client: LicenseClient) -> None:
    with client.checkout(user=ALICE) as lease:
        assert len(server.leases) == 1
    assert server.leases == {}
    assert not lease.is_valid()
    assert not lease.has_feature("can_editor")


def test_the_block_returns_the_seat_when_the_work_fails(server: ContractServer, client: LicenseClient) -> None:
    with pytest.raises(ZeroDivisionError), client.checkout(user=ALICE):
        _ = 1 / 0
    assert server.leases == {}


def test_a_seat_returned_inside_its_block_is_not_returned_again(server: ContractServer, client: LicenseClient) -> None:
    with client.checkout(user=ALICE) as lease:
        lease.return_license({"files_edited": 3})
    (returned,) = server.asked(RETURN)
    assert returned.body == {"lease_id": lease.id, "usage_metadata": {"files_edited": 3}}


def test_a_return_that_fails_never_hides_how_the_work_went(
    server: ContractServer, new_client: Callable[..., LicenseClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = new_client(max_retries=0)
    with client.checkout(user=ALICE) as lease:
        server.is_down = True
    assert not lease.is_valid()
    assert f"Lease {lease.id} could not be returned" in caplog.text


def test_what_a_checkout_asks_for_is_sent(server: ContractServer, client: LicenseClient) -> None:
    client.checkout(
        ALICE, version="8.2.1", features=("can_editor",), duration_seconds=60, offline=True, metadata={"s": 1}
    )
    (asked,) = server.asked(CHECKOUT)
    assert asked.body == {
        "product_id": PRODUCT,
        "user": ALICE,
        "hostname": HOST,
        "version": "8.2.1",
        "features": ["can_editor"],
        "duration_seconds": 60,
        "offline": True,
        "metadata": {"s": 1},
    }


def test_every_request_says_who_asks(server: ContractServer, client: LicenseClient) -> None:
    client.checkout(user=ALICE)
    headers = server.asked(CHECKOUT)[0].headers
    assert headers["authorization"] == f"Bearer {API_KEY}"
    assert headers["host"] == f"mercedes.localhost:{server.server_address[1]}"
    assert headers["x-hostname"] == HOST
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", headers["x-app-fingerprint"])
    assert headers["x-lib-version"] == __version__
    assert headers["user-agent"].startswith(f"cloudlicenses-client-python/{__version__} ")
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert re.fullmatch(r"[0-9a-f]{32}", headers["idempotency-key"])


def test_the_fingerprint_is_the_applications_and_stays(
    server: ContractServer, new_client: Callable[..., LicenseClient]
) -> None:
    for app_path in (sys.executable, sys.executable, __file__):
        new_client(app_path=app_path).checkout(user=ALICE)
    first, second, other = (request.headers["x-app-fingerprint"] for request in server.asked(CHECKOUT))
    assert first == second
    assert first != other


def test_the_public_keys_are_fetched_once_and_without_the_api_key(
    server: ContractServer, new_client: Callable[..., LicenseClient]
) -> None:
    for _ in range(2):
        new_client().checkout(user=ALICE)
    (fetched,) = server.asked("/.well-known/jwks.json")
    assert "authorization" not in fetched.headers


def test_no_seat_left_is_the_error_of_the_guide(server: ContractServer, client: LicenseClient) -> None:
    server.seats = server.commit = 0
    with pytest.raises(LicenseUnavailableError) as refused:
        client.checkout(user=ALICE)
    error = refused.value
    assert (error.code, error.status, error.request_id) == ("no_licenses_available", 409, "req-1")
    assert (error.title, error.detail) == ("no licenses available", "This is no_licenses_available.")
    assert error.facts == {"available_at": "2026-11-04T10:00:00Z"}
    assert str(error) == "This is no_licenses_available. (no_licenses_available, request req-1)"
    assert len(server.requests) == 1  # a refusal is an answer: it is not tried again


def test_the_overage_limit_is_another_error_than_no_seat(server: ContractServer, client: LicenseClient) -> None:
    server.seats, server.commit = 1, 0
    client.checkout(user=ALICE)
    with pytest.raises(OverageMaxExceededError) as refused:
        client.checkout(user="bob@mercedes.com")
    assert not isinstance(refused.value, LicenseUnavailableError)


def test_field_errors_are_facts(server: ContractServer, client: LicenseClient) -> None:
    wrong = [{"field": "duration_seconds", "code": "too_long", "message": "At most 86400."}]
    server.mishaps.append(answers(problem(422, "invalid_input", errors=wrong)))
    with pytest.raises(InvalidInputError) as refused:
        client.checkout(user=ALICE)
    assert refused.value.facts["errors"] == wrong


@pytest.mark.parametrize("body", [b"<html>Welcome to the hotel</html>", b"[]", b'{"lease_id": 7}', b"\xff"])
def test_an_answer_that_is_not_the_protocol_is_named_so(
    server: ContractServer, client: LicenseClient, body: bytes
) -> None:
    server.mishaps.append(answers(Reply(200, body)))
    with pytest.raises(UnexpectedAnswerError):
        client.checkout(user=ALICE)


def test_a_redirect_is_not_followed(server: ContractServer, client: LicenseClient) -> None:
    server.mishaps.append(answers(Reply(307, b"", {"Location": "/elsewhere"})))
    with pytest.raises(UnexpectedAnswerError):
        client.checkout(user=ALICE)
    assert [request.path for request in server.requests] == [CHECKOUT]


def test_returning_a_lease_that_is_gone_says_so(server: ContractServer, client: LicenseClient) -> None:
    lease = client.checkout(user=ALICE)
    server.gone[lease.id] = "lease_expired"
    with pytest.raises(LeaseExpiredError):
        client.return_license(lease.id)
    assert not lease.is_valid()


def test_a_feature_can_be_judged_by_the_server(client: LicenseClient) -> None:
    assert client.validate_feature("can_editor").valid
    verdict = client.validate_feature("can_fly")
    assert (verdict.valid, verdict.violations) == (False, ("feature_not_licensed",))


def test_the_use_of_a_feature_is_reported(server: ContractServer, client: LicenseClient) -> None:
    assert client.track_usage("can_editor", action="open", quantity=3, metadata={"file": "bus.arxml"}) == "use-1"
    (asked,) = server.asked("/api/v1/usage/track")
    assert asked.body == {
        "feature": "can_editor", "action": "open", "quantity": 3, "product_id": PRODUCT, "metadata": {"file": "bus.arxml"},
    }  # fmt: skip
    assert "idempotency-key" in asked.headers
    with pytest.raises(FeatureNotLicensedError):
        client.track_usage("can_fly")


def test_all_pages_of_licenses_are_read(server: ContractServer, client: LicenseClient) -> None:
    client.checkout(user=ALICE)
    davinci, multi = client.licenses()
    assert (davinci["in_use"], davinci["available"]) == (1, 19)
    assert multi["product_id"] == "multi-8.2"


def test_the_environment_configures_a_client(server: ContractServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_SERVER_URL", server.url + "/")
    monkeypatch.setenv("LICENSE_API_KEY", API_KEY + "\n")
    with LicenseClient.from_env(PRODUCT, hostname=HOST) as client:
        assert repr(client) == f"<LicenseClient {server.url} {PRODUCT}>"
    monkeypatch.delenv("LICENSE_API_KEY")
    with pytest.raises(ConfigurationError, match="LICENSE_API_KEY is not set"):
        LicenseClient.from_env(PRODUCT)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mercedes",
        "ftp://mercedes",
        "https://",
        "https://a..b",
        "https://x:y@host",
        "https://h:99999",
        "https://a b",
    ],
)
def test_a_malformed_url_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ConfigurationError):
        LicenseClient(url, API_KEY, PRODUCT)


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_malformed_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LicenseClient("https://mercedes.cloudlicenses.com", key, PRODUCT)
    assert not key or key not in str(refused.value)


def test_a_checkout_without_a_user_is_refused_before_anything_is_sent(
    server: ContractServer, client: LicenseClient
) -> None:
    with pytest.raises(ConfigurationError):
        client.checkout(user="")
    assert server.requests == []


def test_threads_can_share_a_client(server: ContractServer, client: LicenseClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        leases: list[Lease] = list(pool.map(lambda number: client.checkout(f"user-{number}"), range(16)))
    assert {lease.id for lease in leases} == set(server.leases)
