"""Charts (cloudlicenses/web/charts.py) and seat bars as templates draw them."""

from __future__ import annotations

from typing import Any

from django import template

from cloudlicenses.web import charts, seat_bars

register = template.Library()


@register.inclusion_tag("charts/chart.html")
def chart(it: charts.Chart, id: str) -> dict[str, Any]:
    """`id` must be the page's own."""
    return {"chart": it, "id": id}


@register.inclusion_tag("charts/heatmap.html")
def heatmap(it: charts.Heatmap) -> dict[str, Any]:
    return {"heatmap": it}


@register.inclusion_tag("charts/seat_bar.html")
def seat_bar(
    *, commit_held: int, commit_qty: int, overage_held: int, max_overage: int, free: int, has_legend: bool = True
) -> dict[str, Any]:
    """Seats as blocks: commit and overage, in use and free. `free`: how many may be taken now; caps leave fewer than drawn."""
    blocks = seat_bars.blocks_of(
        commit_held=commit_held, commit_qty=commit_qty, overage_held=overage_held, max_overage=max_overage
    )
    return {
        "blocks": blocks,
        "commit": commit_held,
        "overage": overage_held,
        "free": free,
        "has_legend": has_legend,
    }
