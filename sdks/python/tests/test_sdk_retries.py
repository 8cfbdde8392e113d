"""One logical call over a bad network: tried again, with one idempotency key, and never carried out twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from cloudlicenses_client import LicenseClient, RateLimitedError, ServerBusyError, ServerError, ServerUnreachableError
from cloudlicenses_client._patience import Patience
from cloudlicenses_client._problems import retry_after_in
from cloudlicenses_client._wire import Answer
from sdk_contract_mishaps import Mishap, Reply, answers, cuts_the_answer, hangs, hangs_up, problem
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, PRODUCT, RETURN, ContractServer

NewClient = Callable[..., LicenseClient]

MISHAPS = {
    "the connection is closed": hangs_up,
    "the answer is cut in the middle": cuts_the_answer,
    "the server is busy": answers(problem(503, "busy", headers={"Retry-After": "0"})),
    "the server fails": answers(problem(500, "internal_error")),
    "a proxy fails": answers(Reply(502, b"<html>Bad Gateway</html>")),
    "too many requests": answers(problem(429, "rate_limited", headers={"Retry-After": "0"})),
}


@pytest.mark.parametrize("mishap", MISHAPS.values(), ids=MISHAPS)
def test_a_checkout_gets_through_with_one_key_and_takes_one_seat(
    server: ContractServer, client: LicenseClient, mishap: Mishap
) -> None:
    server.mishaps.extend([mishap, mishap])
    lease = client.checkout(user=ALICE)

    tries = server.asked(CHECKOUT)
    assert len(tries) == 3
    assert len({request.headers["idempotency-key"] for request in tries}) == 1
    assert len({request.headers["x-request-id"] for request in tries}) == 3
    assert list(server.leases) == [lease.id]


def test_an_answer_that_never_comes_is_given_up_and_asked_for_again(
    server: ContractServer, new_client: NewClient
) -> None:
    server.mishaps.append(hangs(60))
    lease = new_client(timeout=0.3, max_retries=50).checkout(user=ALICE)
    assert lease.is_valid()
    first, *again = server.asked(CHECKOUT)
    assert {request.headers["idempotency-key"] for request in again} == {first.headers["idempotency-key"]}
    assert list(server.leases) == [lease.id]


def test_two_logical_calls_have_two_keys(server: ContractServer, client: LicenseClient) -> None:
    client.checkout(user=ALICE)
    client.checkout(user=ALICE)
    first, second = server.asked(CHECKOUT)
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    assert len(server.leases) == 2


def test_a_return_is_tried_again_too(server: ContractServer, client: LicenseClient) -> None:
    lease = client.checkout(user=ALICE)
    server.mishaps.extend([cuts_the_answer, hangs_up])
    assert client.return_license(lease.id).status == "returned"
    assert len({request.headers["idempotency-key"] for request in server.asked(RETURN)}) == 1


def test_patience_ends(server: ContractServer, new_client: NewClient) -> None:
    busy = answers(problem(503, "busy", headers={"Retry-After": "0"}))
    server.mishaps.extend([busy] * 3)
    with pytest.raises(ServerBusyError) as gave_up:
        new_client(max_retries=2).checkout(user=ALICE)
    assert (gave_up.value.code, gave_up.value.retry_after) == ("busy", 0)
    assert len(server.requests) == 3


def test_a_rate_limit_that_stays_is_told_with_when_to_come_back(server: ContractServer, new_client: NewClient) -> None:
    server.mishaps.append(answers(problem(429, "rate_limited", headers={"Retry-After": "17"})))
    with pytest.raises(RateLimitedError) as refused:
        new_client(max_retries=0).checkout(user=ALICE)
    assert refused.value.retry_after == 17


def test_a_proxys_page_is_never_shown(server: ContractServer, new_client: NewClient) -> None:
    server.mishaps.append(answers(Reply(502, b"<html>secret of the proxy</html>")))
    with pytest.raises(ServerError) as failed:
        new_client(max_retries=0).checkout(user=ALICE)
    assert (failed.value.code, failed.value.title) == ("http_502", "Bad Gateway")
    assert "secret" not in str(failed.value)


def test_nobody_listening_is_a_named_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    client = LicenseClient("http://mercedes.localhost:9", API_KEY, PRODUCT, max_retries=0, cache_dir=cache)
    with client, pytest.raises(ServerUnreachableError, match=r"http://mercedes\.localhost:9 could not be reached"):
        client.checkout(user=ALICE)


def test_pauses_grow_with_jitter_up_to_a_limit() -> None:
    patience = Patience()
    for retry, full in enumerate([0.25, 0.5, 1, 2, 4, 8, 8, 8]):
        pauses = {patience.pause_before(retry) for _ in range(50)}
        assert len(pauses) > 1
        assert all(full / 2 <= pause <= full for pause in pauses)


def test_what_the_server_asks_for_is_honoured_up_to_a_cap() -> None:
    assert Patience().pause_before(0, asked=3) == 3
    assert Patience().pause_before(0, asked=86400) == 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 0), ("", None), ("soon", None), ("-3", None), ("1.5", None), ("9" * 400, 999999999)],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert retry_after_in(Answer(503, {"retry-after": value}, b"")) == seconds


def test_retry_after_as_a_date() -> None:
    later = datetime.now(timezone.utc) + timedelta(seconds=1000)
    asked = retry_after_in(Answer(503, {"retry-after": format_datetime(later, usegmt=True)}, b""))
    assert asked is not None
    assert 900 <= asked <= 1000
    past = retry_after_in(Answer(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""))
    assert past == 0
