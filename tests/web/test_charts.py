"""Charts draw what they were given: bars add up, lines meet their values, and the table says the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.template import Context, Template

from cloudlicenses.web.charts import HEIGHT, LEVELS, WIDTH, Chart, Heatmap, Series

MONTHS = ["Sep", "Oct", "Nov"]
COSTS = [Series("commit", "commit", [10, 20, 0]), Series("overage", "overage", [5, 15, 0])]


class Counting(list[int]):
    """Knows how often it was walked through."""

    walked = 0

    def __iter__(self) -> Iterator[int]:
        self.walked += 1
        return super().__iter__()


BARS = Chart("Costs", MONTHS, COSTS, is_stacked=True)
LINE = Chart("Seats", MONTHS, [Series("seats", "seats", [1, 7, 3])], limit=("sold", 12))


def test_bars_stand_on_each_other_and_reach_their_sum():
    assert BARS.top == 40
    lower, upper = BARS.shapes[2:4]
    assert float(lower.y) + float(lower.height) == HEIGHT
    assert float(upper.y) + float(upper.height) == pytest.approx(float(lower.y))
    assert float(upper.y) == pytest.approx(HEIGHT - 35 / 40 * HEIGHT)
    assert all(float(bar.x) >= 0 and float(bar.x) + float(bar.width) <= WIDTH for bar in BARS.shapes)


def test_a_line_passes_through_its_values_below_the_limit():
    assert LINE.top == 20
    _area, line = LINE.shapes
    assert line.data == f"M{WIDTH / 6:.1f} 190.0 L500.0 130.0 L{WIDTH * 5 / 6:.1f} 170.0"
    assert LINE.limit_y == "80.0"
    assert LINE.scale == ["20", "10", "0"]


def test_everything_drawn_can_be_read():
    assert BARS.rows == [("Sep", ["10", "5"]), ("Oct", ["20", "15"]), ("Nov", ["0", "0"])]
    assert BARS.hits[1][2] == "Oct: 20 commit · 15 overage"
    assert LINE.hits[1][2] == "Oct: 7"


def test_the_height_of_a_long_chart_is_worked_out_once():
    asked = Counting([1] * 500)
    chart = Chart("", [""] * 500, [Series("", "seats", asked), Series("", "overage", [0] * 500)])
    assert len(chart.shapes) == 2
    assert asked.walked <= 2  # for the scale, and to draw it


def test_what_names_say_is_never_markup():
    drawn = Chart("<u>", ["<i>"], [Series("<s>", "seats", [1]), Series('"&', "overage", [1])], limit=("<p>", 2))
    week = Heatmap("<u>", {(0, 0): 1}, ["<b>Mon</b>"])
    page = Template('{% load charts %}{% chart drawn "one" %}{% heatmap week %}').render(
        Context({"drawn": drawn, "week": week})
    )
    assert not [tag for tag in ("<b>Mon", "<i>", "<s>", "<u>", "<p>2", '"&"') if tag in page]
    assert "&quot;&amp;" in page


ROUND = [(0, 1), (1, 1), (2, 2), (3, 4), (7, 8), (11, 20), (44, 50), (101, 200), (Decimal("22000.00"), 40000)]


@pytest.mark.parametrize(("highest", "top"), ROUND)
def test_the_scale_ends_at_a_round_number(highest: float, top: float):
    assert Chart("", ["x"], [Series("", "seats", [highest])]).top == top


def test_many_labels_leave_room_for_each_other():
    ticks = Chart("", [str(day) for day in range(90)], [Series("", "seats", [1] * 90)]).ticks
    assert len(ticks) == 90
    assert 4 <= len([tick for tick in ticks if tick]) <= 6


def test_marks_stand_where_labels_would():
    assert Chart("", MONTHS, [Series("", "seats", [1, 2, 3])], marks=["", "here", ""]).ticks == ["", "here", ""]


def test_nothing_to_draw_is_known_to_be_empty():
    assert Chart("", MONTHS, [Series("", "seats", [0, 0, 0])]).is_empty
    assert Chart("", [], []).is_empty
    assert not LINE.is_empty


def test_the_busiest_hour_is_the_darkest():
    week = Heatmap("Week", {(0, 9): 12, (4, 17): 1}, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    assert week.rows[0][1][9] == (LEVELS, "Mon 09:00: 12", "12")
    assert week.rows[4][1][17][0] == 1
    assert week.rows[6][1][0] == (0, "Sun 00:00: 0", "0")
    assert not week.is_empty
    assert Heatmap("", {}, week.days).is_empty
