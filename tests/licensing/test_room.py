"""What bounds the plane: how much is under way, whose turn it is, and when clients are to call again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from licensing.lanes import Call, Lane
from licensing.plane.answers import heartbeat_interval
from licensing.plane.room import MOST_UNDER_WAY, WORTHWHILE, Room

OTHERS = [f"tenant-{number}" for number in range(7)]


def test_there_is_room_for_so_many_and_again_when_one_has_left() -> None:
    async def story() -> None:
        room = Room(most=4)
        assert [await room.enter(name) for name in OTHERS[:5]] == [True] * 4 + [False]
        assert room.load == 1
        room.leave(OTHERS[0])
        assert await room.enter(OTHERS[4])

    asyncio.run(story())


def test_a_rush_waits_for_its_turn_and_nobody_else_does() -> None:
    async def story() -> None:
        held_back: list[str] = []
        room, rush = await _rush_beside_others(100, note_waiting=held_back.append)
        assert held_back == ["mercedes"] * rush.waiting
        assert rush.inside == WORTHWHILE - len(OTHERS), "enough to keep the process busy; each other tenant has one"
        for name in OTHERS:
            assert await room.enter(name), "nobody else waits"
        for _ in range(100):
            room.leave("mercedes")
            rush.inside -= 1
            await rush.settle()
        assert (rush.refused, rush.inside) == (0, 0), "each had its turn"
        assert room.load == 2 * len(OTHERS) / MOST_UNDER_WAY

    asyncio.run(story())


def test_when_others_leave_a_rush_may_go_on() -> None:
    async def story() -> None:
        room, rush = Room(), _Rush()
        for _ in range(2):
            for name in OTHERS:
                assert await room.enter(name)
        rush.send(room, 100)
        await rush.settle()
        inside = rush.inside
        for name in OTHERS:
            room.leave(name)
            await rush.settle()
        assert rush.inside == inside + len(OTHERS), "as many as left: the process stays as busy as it was"

    asyncio.run(story())


def test_when_the_others_become_busier_a_rush_may_grow_in_the_order_in_which_it_came() -> None:
    async def story() -> None:
        room, rush = await _rush_beside_others(28)
        for _ in range(15):
            for name in OTHERS:
                assert await room.enter(name)
        rush.send(room, 1)
        await rush.settle()
        assert rush.waiting == 4, "three have waited, so the last one waits, too"
        room.leave(OTHERS[0])
        await rush.settle()
        assert [task.done() for task in rush.tasks[-4:]] == [True, True, False, False], "two for one that leaves"
        rush.leave()

    asyncio.run(story())


def test_who_waits_comes_in_up_to_the_bound_and_no_further() -> None:
    async def story() -> None:
        room, rush = await _rush_beside_others(60)
        for number in range(MOST_UNDER_WAY - WORTHWHILE):
            assert await room.enter(OTHERS[number % len(OTHERS)])
        room.leave(OTHERS[0])
        await rush.settle()
        assert (room.load, rush.inside) == (1, WORTHWHILE - len(OTHERS) + 1), "one for one, though two might"
        rush.leave()

    asyncio.run(story())


def test_two_that_rush_take_turns() -> None:
    async def story() -> None:
        room, first, second = Room(), _Rush("mercedes"), _Rush("bmw")
        for name in OTHERS:
            assert await room.enter(name)
        for rush in (first, second):
            rush.send(room, 100)
        await first.settle()
        for _ in range(80):
            rush = max(first, second, key=lambda rush: rush.inside)  # who has more under way is answered more often
            rush.inside -= 1
            room.leave(rush.tenant_id)
            await rush.settle()
        assert abs(first.inside - second.inside) <= 2
        for rush in (first, second):
            rush.leave()

    asyncio.run(story())


def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    async def story() -> None:
        room, rush = await _rush_beside_others(30, patience_seconds=0.01)
        while rush.waiting:
            await asyncio.sleep(0.001)
        await rush.settle()
        assert (rush.inside, rush.refused) == (WORTHWHILE - len(OTHERS), 30 - WORTHWHILE + len(OTHERS))
        for name in [*OTHERS, *["mercedes"] * rush.inside]:
            room.leave(name)
        assert room.load == 0
        assert _state(room) == _state(Room())

    asyncio.run(story())


@pytest.mark.parametrize("has_come", [False, True], ids=["while-it-waits", "when-its-turn-had-just-come"])
def test_who_goes_away_takes_nobodys_place(has_come: bool) -> None:
    async def story() -> None:
        room, rush = await _rush_beside_others(27)
        first, second = rush.tasks[-2:]
        if has_come:
            room.leave("mercedes")
        first.cancel()
        if not has_come:
            room.leave("mercedes")
        await asyncio.wait([first, second])
        assert first.cancelled()
        assert second.result(), "the next one has the place"
        for name in [*OTHERS, *["mercedes"] * (WORTHWHILE - len(OTHERS))]:
            room.leave(name)
        assert _state(room) == _state(Room())

    asyncio.run(story())


def test_no_more_wait_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr("licensing.plane.room.MOST_WAITING", 10)
        _, rush = await _rush_beside_others(40)
        assert (rush.inside, rush.waiting, rush.refused) == (25, 10, 5)
        rush.leave()

    asyncio.run(story())


@pytest.mark.parametrize(
    "others, each, most", [(39, 2, 9), (9, 6, 37), (2, 30, 61)], ids=["a-tenth", "two-fifths", "half"]
)
def test_four_times_its_share_is_no_rush_unless_it_is_more_than_half(others: int, each: int, most: int) -> None:
    """`most`: with one less it had no more than that of all that was under way."""

    async def story() -> None:
        room, rush = Room(), _Rush()
        for _ in range(each):
            for number in range(others):
                assert await room.enter(f"tenant-{number}")
        rush.send(room, 200)
        await rush.settle()
        assert rush.inside == most
        rush.leave()

    asyncio.run(story())


def test_two_may_share_it_all() -> None:
    async def story() -> None:
        room = Room()
        for _ in range(MOST_UNDER_WAY // 2):
            for name in ("mercedes", "bmw"):
                assert await room.enter(name)

    asyncio.run(story())


def test_a_tenant_alone_leaves_a_few_places_for_whoever_comes() -> None:
    async def story() -> None:
        room = Room()
        assert sum([await room.enter("mercedes") for _ in range(300)]) == MOST_UNDER_WAY * 7 / 8
        assert await room.enter("bmw")

    asyncio.run(story())


def _state(room: Room) -> dict[str, object]:
    return {name: value for name, value in vars(room).items() if name not in ("_patience_seconds", "_note_waiting")}


async def _rush_beside_others(number: int, **of_the_room: Any) -> tuple[Room, _Rush]:
    """So many requests of one tenant at once, while each of the others has one under way."""
    room, rush = Room(**of_the_room), _Rush()
    for name in OTHERS:
        assert await room.enter(name)
    rush.send(room, number)
    await rush.settle()
    return room, rush


class _Rush:
    """Requests of one tenant that come all at once."""

    def __init__(self, tenant_id: str = "mercedes") -> None:
        self.tenant_id = tenant_id
        self.tasks: list[asyncio.Task[bool]] = []
        self.inside = self.refused = 0

    @property
    def waiting(self) -> int:
        return sum(not task.done() for task in self.tasks)

    def send(self, room: Room, number: int) -> None:
        for _ in range(number):
            task = asyncio.get_running_loop().create_task(room.enter(self.tenant_id))
            task.add_done_callback(self._note)
            self.tasks.append(task)

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    def leave(self) -> None:
        for task in self.tasks:
            task.cancel()

    def _note(self, task: asyncio.Task[bool]) -> None:
        if not task.cancelled():
            self.inside += task.result()
            self.refused += not task.result()


def test_tenants_are_served_in_turns_and_in_the_order_of_their_ids() -> None:
    async def taken() -> tuple[dict[str, int], dict[str, int], int]:
        lane = Lane(patience_ms=40)
        for tenant_id, calls in {"mercedes": 100, "bmw": 2, "tesla": 1}.items():
            for _ in range(calls):
                lane.put(tenant_id, Call("checkouts", b"{}"))
        first, second = lane.take(10), lane.take(200)
        assert list(first) == ["bmw", "mercedes", "tesla"]
        return (
            {name: len(own) for name, own in first.items()},
            {name: len(own) for name, own in second.items()},
            lane.length,
        )

    first, second, left = asyncio.run(taken())
    assert first == {"bmw": 2, "mercedes": 7, "tesla": 1}
    assert (second, left) == ({"mercedes": 93}, 0)


@pytest.mark.parametrize(
    "ttl, load, seconds",
    [
        (900, 0.0, 300),
        (900, 0.25, 300),
        (900, 0.625, 375),
        (900, 1.0, 450),
        (60, 0.0, 20),
        (60, 1.0, 30),
        (1, 0.0, 1),
        (2, 1.0, 1),
    ],
)
def test_heartbeats_stretch_under_load_never_past_half_of_the_leases_life(ttl: int, load: float, seconds: int) -> None:
    assert heartbeat_interval(ttl, load) == seconds
