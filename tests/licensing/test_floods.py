"""Who asks for what isn't there: held back, and nobody else."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from cloudlicenses.kit import tokens
from cloudlicenses.kit.limiter import Limiter
from keys.refusals import RateLimited
from licensing.plane.floods import MISSES_PER_MINUTE, Floods
from tests.licensing.workstations import CHECKOUT, Workstation


def test_too_many_misses_hold_back_whose_they_are_and_nobody_else() -> None:
    async def flood() -> int:
        floods, misses = Floods(Limiter("redis://127.0.0.1:1")), 0
        with pytest.raises(RateLimited):
            while misses < 2 * MISSES_PER_MINUTE:
                floods.hold_back("mercedes:10.0.0.1")
                await floods.count("mercedes:10.0.0.1")
                misses += 1
        floods.hold_back("mercedes:10.0.0.2")
        return misses

    assert MISSES_PER_MINUTE <= asyncio.run(flood()) < MISSES_PER_MINUTE + 20


def test_strangers_keys_are_refused_unseen_in_a_flood(workstation: Workstation) -> None:
    headers = {
        "Host": workstation.server.host_of("mercedes"), "Authorization": f"Bearer {tokens.mint('clsk', 'mercedes').text}",
    }  # fmt: skip
    body = json.dumps({"product_id": "davinci", "user": "mallory"})
    other_address = httpx.HTTPTransport(local_address="127.0.0.77")
    with httpx.Client(
        base_url=workstation.server.url, transport=other_address, headers=headers, timeout=60
    ) as stranger:
        answers = [stranger.post(CHECKOUT, content=body) for _ in range(MISSES_PER_MINUTE)]
        while answers[-1].status_code != 429 and len(answers) < 20 * MISSES_PER_MINUTE:  # some are forgiven meanwhile
            answers.append(stranger.post(CHECKOUT, content=body))
    *unknown, held_back = answers
    assert {answer.status_code for answer in unknown} == {401}
    assert (held_back.status_code, held_back.json()["code"], held_back.headers["Retry-After"]) == (
        429,
        "rate_limited",
        "1",
    )
    assert workstation.check_out().status_code == 201
