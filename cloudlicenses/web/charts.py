"""Charts as numbers, for templates to draw as SVG and HTML: history as lines or stacked bars, and the hours of a week.

A view makes a `Chart` or a `Heatmap` and its template says `{% chart it %}` or `{% heatmap it %}` (templatetags/charts.py). Colours
are names of the site's (static/css/charts.css). Every chart can be read as a table too, which is what screen readers are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TypeVar

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Number = int | float | Decimal
Row = TypeVar("Row")

WIDTH, HEIGHT = 1000.0, 200.0
MOST_LABELS = 6  # under the chart; more would run into each other on a phone
LEAST_MONTHS = 6
LEVELS = 6  # shades of a heatmap, beside none
HOURS, DAYS = 24, 7


def plain(value: Number) -> str:
    """`12,400`; with two decimals only if it has a fraction."""
    return _written(value, get_language())


@lru_cache(maxsize=10_000)
def _written(value: Number, _language: str | None) -> str:
    """Remembered, as charts say the same few numbers hundreds of times."""
    return number_format(value, decimal_pos=0 if value == int(value) else 2, force_grouping=True)


def day_label(day: date) -> str:
    """`24 Oct`, as the reader's language writes it."""
    return date_format(day, _("j M"))


def since_something(months: Sequence[Row], has_something: Callable[[Row], object]) -> Sequence[Row]:
    """Without the empty months at the beginning, since a new customer's chart would be mostly blank; at least six remain."""
    empty = next((number for number, month in enumerate(months) if has_something(month)), len(months))
    return months[max(0, min(empty, len(months) - LEAST_MONTHS)) :]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one part of every bar. `colour` is a name of charts.css: commit, overage, denied, seats, a1 to a6."""

    label: str
    colour: str
    values: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Shape:
    """`data` is a path's, or `x y width height` of a bar; text, since templates would write numbers in the reader's language."""

    colour: str
    data: str = ""
    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""


@dataclass(frozen=True)  # without slots: what each of hundreds of shapes asks for is worked out once
class Chart:
    """`labels` name the values, one each, and stand under the chart as far as there is room, unless shorter `marks` are given
    (one for each value, too, and most of them empty). `limit` is a dashed line with its name."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    is_stacked: bool = False
    limit: tuple[str, Number] | None = None
    show: Callable[[Number], str] = field(default=plain)
    marks: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)

    @cached_property
    def top(self) -> float:
        """The number at the upper edge: a round one, nothing above it."""
        return _round_up(max([float(self.limit[1]) if self.limit else 0.0, *self._highest()]))

    @property
    def scale(self) -> list[str]:
        """From top to bottom; with a middle only where that is a whole number."""
        middle = self.top / 2
        return [self.show(_tidy(value)) for value in ((self.top, middle, 0) if middle >= 1 else (self.top, 0))]

    @property
    def ticks(self) -> list[str]:
        """A label for each value, most of them empty when there are many."""
        if self.marks:
            return list(self.marks)
        step = math.ceil(len(self.labels) / MOST_LABELS)
        return [label if number % step == 0 else "" for number, label in enumerate(self.labels)]

    @property
    def shapes(self) -> list[Shape]:
        return list(self._bars() if self.is_stacked else self._lines())

    @property
    def limit_y(self) -> str:
        return f"{self._y(self.limit[1]):.1f}" if self.limit else ""

    @cached_property
    def rows(self) -> list[tuple[str, list[str]]]:
        """As a table: each label with its values, as they are shown."""
        return [
            (label, [self.show(one.values[number]) for one in self.series]) for number, label in enumerate(self.labels)
        ]

    @property
    def hits(self) -> list[tuple[str, str, str]]:
        """Where a pointer asks for a value: x, width, and what is told."""
        step = WIDTH / max(len(self.labels), 1)
        return [
            (f"{number * step:.1f}", f"{step:.1f}", f"{label}: " + " · ".join(self._told(shown)))
            for number, (label, shown) in enumerate(self.rows)
        ]

    def _told(self, shown: Sequence[str]) -> list[str]:
        if len(self.series) == 1:
            return [shown[0]]
        return [f"{value} {one.label}" for one, value in zip(self.series, shown, strict=True)]

    def _highest(self) -> Iterator[float]:
        if self.is_stacked:
            yield from (float(sum(values)) for values in zip(*(one.values for one in self.series), strict=True))
        else:
            yield from (float(value) for one in self.series for value in one.values)

    def _y(self, value: Number) -> float:
        return HEIGHT - float(value) / self.top * HEIGHT

    def _lines(self) -> Iterator[Shape]:
        step = WIDTH / max(len(self.labels), 1)
        for one in self.series:
            points = " L".join(
                f"{(number + 0.5) * step:.1f} {self._y(value):.1f}" for number, value in enumerate(one.values)
            )
            last = (len(one.values) - 0.5) * step
            if len(self.series) == 1:
                yield Shape(f"area-{one.colour}", f"M{step / 2:.1f} {HEIGHT} L{points} L{last:.1f} {HEIGHT} Z")
            yield Shape(f"line-{one.colour}", f"M{points}")

    def _bars(self) -> Iterator[Shape]:
        step = WIDTH / max(len(self.labels), 1)
        for number in range(len(self.labels)):
            floor = HEIGHT
            for one in self.series:
                height = HEIGHT - self._y(one.values[number])
                floor -= height
                x, width = (number + 0.15) * step, step * 0.7
                yield Shape(f"bar-{one.colour}", "", f"{x:.1f}", f"{floor:.1f}", f"{width:.1f}", f"{height:.1f}")


@dataclass(frozen=True, slots=True)
class Heatmap:
    """What happens when in a week: `values` by weekday (Monday is 0) and hour; what isn't there is nothing."""

    title: str
    values: Mapping[tuple[int, int], Number]
    days: Sequence[str]
    show: Callable[[Number], str] = field(default=plain)

    @property
    def is_empty(self) -> bool:
        return not any(self.values.values())

    @property
    def hours(self) -> list[str]:
        return [f"{hour:02d}" for hour in range(HOURS)]

    @property
    def rows(self) -> list[tuple[str, list[tuple[int, str, str]]]]:
        """A weekday, and for each hour its shade, what a pointer is told, and its value."""
        highest = float(max(self.values.values(), default=0)) or 1.0
        return [
            (day, [self._cell(day, number, hour, highest) for hour in range(HOURS)])
            for number, day in enumerate(self.days)
        ]

    def _cell(self, day: str, number: int, hour: int, highest: float) -> tuple[int, str, str]:
        value = self.values.get((number, hour), 0)
        shade = math.ceil(float(value) / highest * LEVELS)
        shown = self.show(value)
        return shade, f"{day} {hour:02d}:00: {shown}", shown


def _round_up(value: float) -> float:
    """1, 2, 4, 5, 6, 8 or 10 times a power of ten: half of it is a whole number from 2 upwards."""
    if value <= 1:
        return 1.0
    power = float(10 ** math.floor(math.log10(value)))
    return next(step * power for step in (1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0) if step * power >= value)


def _tidy(value: float) -> Number:
    return int(value) if value == int(value) else value
