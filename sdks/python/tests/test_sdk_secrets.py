"""The API key goes to the server and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable

import pytest

from cloudlicenses_client import AsyncLicenseClient, CloudLicensesError, LicenseClient
from cloudlicenses_client._settings import Settings
from sdk_contract_mishaps import Reply, answers, cuts_the_answer, hangs_up, problem
from sdk_contract_server import ALICE, API_KEY, PRODUCT, ContractServer

NewClient = Callable[..., LicenseClient]


def test_no_repr_shows_it(server: ContractServer, client: LicenseClient) -> None:
    lease = client.checkout(user=ALICE)
    session = client._session
    shown = [repr(thing) for thing in (client, lease, session, session.settings, client._wire, client._connection)]
    shown += [repr(session.calls), repr(session.calls.heartbeat(lease.id)), repr(lease._grant.claims)]
    shown += [str(Settings("https://mercedes.cloudlicenses.com", API_KEY, PRODUCT))]
    assert API_KEY not in "".join(shown)
    assert lease.token not in repr(lease)


def test_no_log_shows_it(server: ContractServer, new_client: NewClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = new_client(max_retries=1)
    with client.checkout(user=ALICE):
        server.is_down = True
    assert caplog.records
    assert API_KEY not in caplog.text


@pytest.mark.parametrize(
    "mishap",
    [
        hangs_up,
        cuts_the_answer,
        answers(problem(401, "key_invalid")),
        answers(problem(503, "busy")),
        answers(Reply(200, b"x")),
        answers(Reply(200, b"x", {"Content-Encoding": "gzip"})),
    ],
)
def test_no_exception_shows_it(server: ContractServer, new_client: NewClient, mishap: Callable[..., None]) -> None:
    server.mishaps.append(mishap)
    with pytest.raises(CloudLicensesError) as raised:
        new_client(max_retries=0).checkout(user=ALICE)
    told = "".join(traceback.format_exception(raised.type, raised.value, raised.tb))
    assert API_KEY not in told + repr(raised.value) + repr(raised.value.__cause__) + repr(vars(raised.value))


def test_the_async_client_keeps_it_too(server: ContractServer) -> None:
    async def work() -> None:
        async with AsyncLicenseClient(server.url, API_KEY, PRODUCT) as client:
            assert API_KEY not in repr(client) + repr(client.checkout(user=ALICE))

    asyncio.run(work())
