"""How far somebody has been told, whatever the order in which ids come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from licensing.streams.position import MOST_WRITTEN, Position, position_from

orders = st.permutations(range(1, 30)).flatmap(lambda order: st.integers(0, 29).map(lambda told: (order, told)))


@given(orders)
def test_it_knows_what_was_told_and_survives_being_written(case: tuple[list[int], int]):
    order, told = case
    position = Position(0)
    for entry_id in order[:told]:
        assert position.is_news(entry_id)
        position.tell(entry_id)
    again = position_from(str(position))
    assert again == position
    assert [n for n in range(1, 31) if not position.is_news(n)] == sorted(order[:told])


def test_with_too_many_gaps_it_says_less_than_is_true_and_never_more():
    position = Position(0)
    for entry_id in range(2, 1000, 2):
        position.tell(entry_id)
    again = position_from(str(position))
    assert again is not None
    assert len(str(position)) < MOST_WRITTEN * 8
    assert all(again.is_news(n) for n in range(1, 2000) if position.is_news(n))


def test_what_nobody_wrote_is_no_position():
    for text in ("", "-", "1-", "1-2-3", "1--2", "a", "1,2", "9" * 40, "5-1_9999999999.7_9999999.9_99999999", "١"):
        assert position_from(text) is None or text.startswith("5-")
