"""Applications that check out and return, in several tenants at once, while something else goes on; every answer is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

import httpx

from benchmarks.platforms import PRODUCT

OF_EACH_TENANT = 2
PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class Visits:
    took: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        took = sorted(self.took)
        at = {share: took[int(len(took) * share / 100)] * 1000 for share in (50, 99)}
        return (
            f"{len(took)} requests, {len(self.failed)} failed, median {at[50]:.1f} ms, p99 {at[99]:.1f} ms,"
            f" longest {took[-1] * 1000:.0f} ms"
        )


async def during(port: int, active: Sequence[tuple[str, str]], event: Awaitable[object]) -> Visits:
    """Check out and return as (host, key) until the event is over."""
    visits, over = Visits(), asyncio.Event()
    tasks = [
        asyncio.create_task(_visit(port, host, key, visits, over))
        for host, key in active
        for _ in range(OF_EACH_TENANT)
    ]
    try:
        await event
    finally:
        over.set()
        await asyncio.gather(*tasks)
    return visits


def visit_once(port: int, hosts: Sequence[str], keys: Sequence[str]) -> None:
    """One checkout and one return in each tenant, several tenants at a time."""

    async def some(start: int) -> None:
        async with _client(port) as client:
            for host, key in list(zip(hosts, keys, strict=True))[start::16]:
                await _check_out_and_return(client, host, key, visits)

    async def everywhere() -> None:
        await asyncio.gather(*(some(start) for start in range(16)))

    visits = Visits()
    asyncio.run(everywhere())
    if visits.failed:
        raise SystemExit(f"Refused: {visits.failed[0]}")


async def _visit(port: int, host: str, key: str, visits: Visits, over: asyncio.Event) -> None:
    async with _client(port) as client:
        while not over.is_set():
            await _check_out_and_return(client, host, key, visits)
            await asyncio.sleep(PAUSE_SECONDS)


async def _check_out_and_return(client: httpx.AsyncClient, host: str, key: str, visits: Visits) -> None:
    lease = await _ask(client, "checkout", {"product_id": PRODUCT, "user": "engineer"}, host, key, visits)
    if lease:
        await _ask(client, "return", {"lease_id": lease["lease_id"]}, host, key, visits)


async def _ask(
    client: httpx.AsyncClient, what: str, body: dict[str, str], host: str, key: str, visits: Visits
) -> dict[str, str]:
    started = time.perf_counter()
    headers = {"Host": host, "Authorization": f"Bearer {key}"}
    answer = await client.post(f"/api/v1/licenses/{what}", json=body, headers=headers)
    visits.took.append(time.perf_counter() - started)
    if answer.is_success:
        lease: dict[str, str] = answer.json()
        return lease
    visits.failed.append(f"{answer.status_code} {answer.text[:200]}")
    return {}


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
