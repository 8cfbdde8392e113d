"""Charts (cloudlicenses/web/charts.py) and seat bars as templates draw them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cloudlicenses.web import charts, seat_bars

register = template.Library()
HIT = '<rect class="chart-hit" x="{}" y="0" width="{}" height="200" data-tip="{}"/>'
BLOCK = '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
ROW = '<tr><th scope="row">{}</th>{}</tr>'
CELL = '<td class="heat-{}" data-tip="{}"><span>{}</span></td>'
SEAT = '<rect class="{}" x="{}" y="0" width="{}" height="8"/>'
BAR = '<svg class="seats" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'


@register.inclusion_tag("charts/chart.html")
def chart(it: charts.Chart, id: str) -> dict[str, Any]:
    """`id` must be the page's own. What there is hundreds of is put together here, a template would take its time."""
    return {
        "chart": it,
        "id": id,
        "shapes": format_html_join("", "{}", ((_shape(shape),) for shape in it.shapes)),
        "hits": format_html_join("", HIT, it.hits),
        "ticks": format_html_join("", "<span>{}</span>", ((label,) for label in it.ticks)),
        "rows": format_html_join("", ROW, ((label, _cells(values)) for label, values in it.rows)),
    }


def _shape(shape: charts.Shape) -> SafeString:
    if shape.data:
        return format_html('<path class="{}" d="{}"/>', shape.colour, shape.data)
    return format_html(BLOCK, shape.colour, shape.x, shape.y, shape.width, shape.height)


def _cells(values: list[str]) -> SafeString:
    return format_html_join("", '<td class="end num">{}</td>', ((value,) for value in values))


@register.inclusion_tag("charts/heatmap.html")
def heatmap(it: charts.Heatmap) -> dict[str, Any]:
    """Its 168 cells are put together here, too."""
    rows = format_html_join("", ROW, ((day, format_html_join("", CELL, cells)) for day, cells in it.rows))
    return {"heatmap": it, "rows": rows}


@register.simple_tag
def seat_bar(
    *, commit_held: int, commit_qty: int, overage_held: int, max_overage: int, free: int, has_legend: bool = True
) -> SafeString:
    """Seats as blocks: commit and overage, in use and free. `free`: how many may be taken now; caps leave fewer than drawn."""
    blocks = seat_bars.blocks_of(
        commit_held=commit_held, commit_qty=commit_qty, overage_held=overage_held, max_overage=max_overage
    )
    # Put together here and not in a template: a page shows fifty of them.
    drawn = format_html_join("", SEAT, ((block.kind, block.x, block.width) for block in blocks))
    told = _("%(commit)s commit and %(overage)s overage seats in use, %(free)s available")
    numbers = {"commit": commit_held, "overage": overage_held, "free": free}
    bar = format_html(BAR, told % numbers, drawn)
    return bar + render_to_string("charts/seat_legend.html", numbers) if has_legend else bar
