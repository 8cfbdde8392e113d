"""What the plane remembers of keys and tenants: looked up once for all, never kept when it may be out of date."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cloudlicenses.kit.limiter import Limiter
from licensing.plane import memory
from licensing.plane.floods import Floods
from licensing.plane.known import Known
from licensing.plane.lookups import Lookups, Rows
from licensing.plane.memory import Memory
from licensing.seats import Pool


class Source:
    """Says when it is let; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.says = asyncio.Event()

    async def find(self) -> str:
        self.asked += 1
        number = self.asked
        await self.says.wait()
        return f"answer {number}"


def test_a_crowd_asks_once_and_whoever_leaves_takes_it_from_nobody() -> None:
    async def crowd() -> tuple[int, list[object]]:
        known, source = Memory[str](60), Source()
        asking = [asyncio.create_task(known.get("key", source.find)) for _ in range(100)]
        await asyncio.sleep(0)
        asking[0].cancel()
        await asyncio.sleep(0)
        source.says.set()
        heard = await asyncio.gather(*asking, return_exceptions=True)
        return source.asked, [*heard[1:], await known.get("key", source.find)]

    asked, heard = asyncio.run(crowd())
    assert asked == 1
    assert set(heard) == {"answer 1"}


def test_what_changed_while_it_was_looked_up_is_looked_up_again() -> None:
    async def change() -> list[str]:
        known, source = Memory[str](60), Source()
        early = asyncio.create_task(known.get("key", source.find))
        await asyncio.sleep(0)
        known.forget(lambda kept: kept == "some other")
        late = asyncio.create_task(known.get("key", source.find))
        await asyncio.sleep(0)
        source.says.set()
        return [await early, await late, await known.get("key", source.find)]

    assert asyncio.run(change()) == ["answer 1", "answer 2", "answer 2"]


def test_a_failure_is_told_to_all_who_wait_and_not_kept() -> None:
    async def failing() -> str:
        await asyncio.sleep(0)
        raise LookupError

    async def fine() -> str:
        return "fine"

    async def ask() -> tuple[list[object], str]:
        known = Memory[str](60)
        failed = await asyncio.gather(*(known.get("key", failing) for _ in range(3)), return_exceptions=True)
        return [type(error) for error in failed], await known.get("key", fine)

    assert asyncio.run(ask()) == ([LookupError] * 3, "fine")


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_REMEMBERED", 10)

    async def fine() -> str:
        return "fine"

    async def fill() -> int:
        known = Memory[str](60)
        for number in range(100):
            await known.get(f"stranger {number}", fine)
        await asyncio.sleep(0)
        return len(known._kept)

    assert asyncio.run(fill()) <= 10


def test_what_was_noted_is_not_looked_up() -> None:
    async def ask() -> int:
        memory: Memory[int] = Memory(60)
        memory.note("a", 7)
        return await memory.get("a", nobody)

    async def nobody() -> int:
        raise AssertionError("it is known")

    assert asyncio.run(ask()) == 7


class Installations(Lookups):
    """One more is accepted at each look."""

    looks = 0

    async def ask(self, tenant_id: str, query: str, *values: Any) -> Rows:
        self.looks += 1
        return [(f"sha256:{number}",) for number in range(self.looks)]


def test_of_a_product_one_revision_of_what_is_accepted_is_kept() -> None:
    async def decide() -> tuple[list[int], int, int]:
        floods = Floods(Limiter("redis://127.0.0.1:1"))
        with ThreadPoolExecutor(1) as threads:
            never_opened: Pool = Pool("", open=False)
            installations = Installations(never_opened, never_opened)
            known = Known(installations, threads, floods)
            seen = [len(await known.accepted("mercedes", "davinci", revision // 2)) for revision in range(100)]
        return seen, installations.looks, len(known._accepted._kept)

    assert asyncio.run(decide()) == ([1 + number // 2 for number in range(100)], 50, 1)


def at(moment: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "monotonic", lambda: moment)


def test_what_is_in_use_is_looked_up_again_while_the_old_answer_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use() -> tuple[list[str], int]:
        known, source = Memory[str](10), Source()
        source.says.set()
        at(100, monkeypatch)
        heard = [await known.get("key", source.find)]
        at(105, monkeypatch)
        heard.append(await known.get("key", source.find))
        before = source.asked
        at(109.5, monkeypatch)
        heard += [await known.get("key", source.find) for _ in range(3)]
        while source.asked == before:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)
        heard.append(await known.get("key", source.find))
        at(118, monkeypatch)  # the second answer is young enough
        heard.append(await known.get("key", source.find))
        return heard, before

    first, second = "answer 1", "answer 2"
    assert asyncio.run(use()) == ([first, first, first, first, first, second, second], 1)


def test_an_answer_that_cannot_be_renewed_serves_no_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fine() -> str:
        return "fine"

    async def failing() -> str:
        raise LookupError

    async def use() -> list[str]:
        known = Memory[str](10)
        at(100, monkeypatch)
        heard = [await known.get("key", fine)]
        at(109.9, monkeypatch)
        heard += [await known.get("key", failing), await known.get("key", failing)]
        await asyncio.sleep(2 * memory.TOGETHER_SECONDS)
        heard.append(await known.get("key", failing))
        at(110, monkeypatch)
        with pytest.raises(LookupError):
            await known.get("key", failing)
        return heard

    assert asyncio.run(use()) == ["fine"] * 4


def test_what_was_learned_at_one_instant_is_not_asked_for_at_one_instant_ever_after() -> None:
    known: Memory[int] = Memory(10)
    for number in range(200):
        known.note(str(number), number)
    ahead = sorted(entry.until - entry.again_from for entry in known._kept.values())
    assert 0.4 <= ahead[0] < 1.0 < 2.5 < ahead[-1] <= 3.1
