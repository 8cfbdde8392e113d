"""Charts (cloudlicenses/web/charts.py) and seat bars as templates draw them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cloudlicenses.web import charts, seat_bars

register = template.Library()


@register.inclusion_tag("charts/chart.html")
def chart(it: charts.Chart, id: str) -> dict[str, Any]:
    """`id` must be the page's own. What there is hundreds of is put together here, a template would take its time."""
    return {
        "chart": it,
        "id": id,
        "shapes": _together(_shape(shape) for shape in it.shapes),
        "hits": _together(
            f'<rect class="chart-hit" x="{x}" y="0" width="{width}" height="200" data-tip="{escape(told)}"/>'
            for x, width, told in it.hits
        ),
        "ticks": _together(f"<span>{escape(label)}</span>" for label in it.ticks),
        "rows": _together(
            _row(label, (f'<td class="end num">{escape(each)}</td>' for each in values)) for label, values in it.rows
        ),
    }


@register.inclusion_tag("charts/heatmap.html")
def heatmap(it: charts.Heatmap) -> dict[str, Any]:
    """Its 168 cells are put together here, too."""
    return {"heatmap": it, "rows": _together(_row(day, map(_cell, cells)) for day, cells in it.rows)}


def _together(parts: Iterable[str]) -> SafeString:
    """Of parts in which everything that anybody could have named was escaped."""
    return SafeString("".join(parts))


def _row(head: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{escape(head)}</th>{"".join(cells)}</tr>'


def _cell(cell: tuple[int, str, str]) -> str:
    shade, told, shown = cell
    return f'<td class="heat-{shade}" data-tip="{escape(told)}"><span>{escape(shown)}</span></td>'


def _shape(shape: charts.Shape) -> str:
    if shape.data:
        return f'<path class="{shape.colour}" d="{shape.data}"/>'
    return f'<rect class="{shape.colour}" x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}"/>'


@register.simple_tag
def seat_bar(
    *, commit_held: int, commit_qty: int, overage_held: int, max_overage: int, free: int, has_legend: bool = True
) -> SafeString:
    """Seats as blocks: commit and overage, in use and free. `free`: how many may be taken now; caps leave fewer than drawn."""
    numbers = {"commit": commit_held, "overage": overage_held, "free": free}
    told = escape(_("%(commit)s commit and %(overage)s overage seats in use, %(free)s available") % numbers)
    bar = SafeString(
        f'<svg class="seats" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label="{told}">'
        f"{_seats(commit_held, commit_qty, overage_held, max_overage)}</svg>"
    )
    return bar + render_to_string("charts/seat_legend.html", numbers) if has_legend else bar


@lru_cache(maxsize=1_000)
def _seats(commit_held: int, commit_qty: int, overage_held: int, max_overage: int) -> str:
    """Put together here and not in a template: a page shows fifty of them, many of them alike."""
    blocks = seat_bars.blocks_of(
        commit_held=commit_held, commit_qty=commit_qty, overage_held=overage_held, max_overage=max_overage
    )
    return "".join(f'<rect class="{one.kind}" x="{one.x}" y="0" width="{one.width}" height="8"/>' for one in blocks)
