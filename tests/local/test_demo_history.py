"""The demo's seats at work: believable, within what was sold, and never on a bill that is agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cloudlicenses.demo import cast, history

MOMENTS = [
    datetime(2026, 11, 20, 14, 30),
    datetime(2026, 11, 20, 5),
    datetime(2026, 12, 1, 0, 20),
    datetime(2026, 11, 21, 23, 59),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_whoever_is_at_work_came_one_after_the_other(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    for deal in cast.DEALS:
        held = history.at_work(deal, now)
        starts = [session.start for session in held]
        assert len(held) == deal.now <= deal.total
        assert starts == sorted(set(starts))
        assert now - timedelta(hours=9) <= starts[0] < starts[-1] < now < held[0].end
        assert {(start.year, start.month) for start in starts} == {(now.year, now.month)}
        assert [session.seat for session in held].count("overage") == max(0, deal.now - deal.commit) <= deal.overage


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_the_closed_month_has_the_agreed_overage(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    last = history.first_day_of_history(now, 1)
    for deal in [deal for deal in cast.DEALS if deal.overage_last_month is not None]:
        worked = [*history.sessions(deal, last, now), *history.at_work(deal, now)]
        over = [
            session
            for session in worked
            if session.seat == "overage" and session.start < history.first_day_of_history(now, 0)
        ]
        assert len(over) == deal.overage_last_month
