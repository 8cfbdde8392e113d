"""What bounds the plane: how much is under way, whose turn it is, and when clients are to call again."""

from __future__ import annotations

import asyncio

import pytest

from licensing.lanes import Call, Lane
from licensing.plane.answers import heartbeat_interval
from licensing.plane.room import Room


def test_there_is_room_for_so_many_and_again_when_one_has_left() -> None:
    room = Room(most=4)
    assert [room.enter("mercedes") for _ in range(5)] == [True] * 4 + [False]
    assert room.load == 1
    room.leave("mercedes")
    assert room.enter("mercedes")


def test_one_tenants_rush_leaves_room_for_others() -> None:
    room = Room(most=64)
    others = [f"tenant-{number}" for number in range(7)]
    assert all(room.enter(name) for name in others)
    rush = sum(room.enter("mercedes") for _ in range(100))
    assert rush == 9, "a quarter of the room is taken, and of that it has more than twice an eighth"
    assert all(room.enter(name) for name in others)


def test_a_few_at_once_are_no_rush_and_two_may_share_all() -> None:
    room = Room(most=64)
    for number in range(30):
        assert all(room.enter(f"tenant-{number}") for _ in range(2))
    room = Room(most=64)
    assert all(room.enter(name) for _ in range(32) for name in ("mercedes", "bmw"))


def test_a_tenant_alone_may_take_it_all() -> None:
    room = Room(most=10)
    assert sum(room.enter("mercedes") for _ in range(100)) == 10


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
