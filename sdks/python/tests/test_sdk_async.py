"""The same promises over asyncio. What both clients share is tested through the synchronous one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cloudlicenses_client import (
    AsyncLicenseClient,
    ConfigurationError,
    LicenseUnavailableError,
    ServerUnreachableError,
)
from sdk_contract_mishaps import answers, cuts_the_answer, hangs, hangs_up, problem
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, HEARTBEAT, PRODUCT, RETURN, ContractServer

Work = Callable[[AsyncLicenseClient], Awaitable[None]]
Using = Callable[..., None]


@pytest.fixture
def using(server: ContractServer, options: dict[str, Any]) -> Using:
    """Runs a piece of asynchronous work with a client of the server."""

    def use(work: Work, **changed: Any) -> None:
        async def session() -> None:
            async with AsyncLicenseClient(server.url, API_KEY, PRODUCT, **{**options, **changed}) as client:
                await work(client)

        asyncio.run(session())

    return use


async def eventually(holds: Callable[[], object]) -> None:
    async def wait() -> None:
        while not holds():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 120)


def test_checkout_and_return(server: ContractServer, using: Using) -> None:
    async def work(client: AsyncLicenseClient) -> None:
        lease = await client.checkout(user=ALICE)
        assert (lease.type, lease.has_feature("can_editor")) == ("commit", True)
        assert lease.id in server.leases
        receipt = await client.return_license(lease.id)
        assert receipt.status == "returned"
        assert not lease.is_valid()

    using(work)
    assert server.leases == {}


def test_the_block_returns_the_seat_when_the_work_fails(server: ContractServer, using: Using) -> None:
    async def work(client: AsyncLicenseClient) -> None:
        with pytest.raises(ZeroDivisionError):
            async with client.checkout(user=ALICE):
                _ = 1 / 0
        async with await client.checkout(user=ALICE) as lease:
            await lease.return_license({"files": 1})

    using(work)
    assert server.leases == {}
    assert len(server.asked(RETURN)) == 2


@pytest.mark.parametrize("in_hand", [True, False], ids=["while it works", "while the seat is being granted"])
def test_a_cancelled_task_leaves_no_seat_behind(server: ContractServer, using: Using, in_hand: bool) -> None:
    async def work(client: AsyncLicenseClient) -> None:
        working = asyncio.Event()

        async def hold() -> None:
            async with client.checkout(user=ALICE):
                working.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(hold())
        await eventually(working.is_set if in_hand else lambda: server.leases)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    using(work)
    assert server.leases == {}
    assert len(server.asked(RETURN)) == 1


def test_a_checkout_gets_through_with_one_key_and_takes_one_seat(server: ContractServer, using: Using) -> None:
    server.mishaps.extend([cuts_the_answer, hangs_up])

    async def work(client: AsyncLicenseClient) -> None:
        await client.checkout(user=ALICE)

    using(work)
    tries = server.asked(CHECKOUT)
    assert len(tries) == 3
    assert len({request.headers["idempotency-key"] for request in tries}) == 1
    assert len(server.leases) == 1


def test_an_answer_that_never_comes_is_given_up(server: ContractServer, using: Using) -> None:
    server.mishaps.append(hangs(5))

    async def work(client: AsyncLicenseClient) -> None:
        with pytest.raises(ServerUnreachableError):
            await client.checkout(user=ALICE)

    using(work, timeout=0.3, max_retries=0)


def test_a_refusal_is_its_class(server: ContractServer, using: Using) -> None:
    server.seats = server.commit = 0

    async def work(client: AsyncLicenseClient) -> None:
        with pytest.raises(LicenseUnavailableError):
            await client.checkout(user=ALICE)
        with pytest.raises(ConfigurationError):
            await client.checkout(user="")

    using(work)


def test_the_beat_is_a_task_that_outlives_trouble_and_ends_with_the_client(
    server: ContractServer, using: Using
) -> None:
    server.heartbeat_seconds = 0.1
    server.mishaps.extend([lambda handler, carry_out: handler.reply(carry_out())] * 2)
    server.mishaps.extend([hangs_up, answers(problem(503, "busy"))])

    async def work(client: AsyncLicenseClient) -> None:
        lease = await client.checkout(user=ALICE)
        first, server.ttl = lease.expires_at, 1800
        await eventually(lambda: not server.mishaps and lease.expires_at > first)
        await client.close()
        assert {task for task in asyncio.all_tasks() if task.get_name().startswith("heartbeat")} == set()

    using(work, max_retries=0)
    assert len(server.asked(HEARTBEAT)) >= 3


def test_a_seat_taken_back_ends_the_lease(server: ContractServer, using: Using) -> None:
    server.heartbeat_seconds = 0.1

    async def work(client: AsyncLicenseClient) -> None:
        lease = await client.checkout(user=ALICE)
        server.gone[lease.id] = "lease_revoked"
        await eventually(lambda: lease.lost)
        assert not lease.is_valid()

    using(work)


def test_a_start_without_network_goes_on_with_the_kept_lease(server: ContractServer, using: Using) -> None:
    async def crash(client: AsyncLicenseClient) -> None:
        await client.checkout(user=ALICE)

    async def restart(client: AsyncLicenseClient) -> None:
        lease = await client.checkout(user=ALICE)
        assert lease.is_offline
        assert lease.is_valid()
        server.is_down = False
        await eventually(lambda: not lease.is_offline)

    server.heartbeat_seconds = 0.1
    using(crash)
    server.is_down = True
    using(restart, max_retries=0)


def test_a_return_that_fails_never_hides_how_the_work_went(
    server: ContractServer, using: Using, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(client: AsyncLicenseClient) -> None:
        async with client.checkout(user=ALICE):
            server.is_down = True

    using(work, max_retries=0)
    assert "could not be returned" in caplog.text


def test_the_other_calls(
    server: ContractServer, using: Using, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    async def work(client: AsyncLicenseClient) -> None:
        assert (await client.validate_feature("can_editor")).valid
        assert await client.track_usage("can_editor", quantity=2) == "use-1"
        assert [row["license_id"] for row in await client.licenses()] == ["lic-1", "lic-2"]
        monkeypatch.setenv("LICENSE_SERVER_URL", server.url)
        monkeypatch.setenv("LICENSE_API_KEY", API_KEY)
        async with AsyncLicenseClient.from_env(PRODUCT, **options) as other:
            assert repr(other) == f"<AsyncLicenseClient {server.url} {PRODUCT}>"

    using(work)
