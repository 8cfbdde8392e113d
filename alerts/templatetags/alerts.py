"""The number of open alerts, for the navigation of those who may see them."""

from __future__ import annotations

from django import template

from alerts import queries

register = template.Library()
register.inclusion_tag("alerts/_count.html", name="open_alerts")(lambda: {"open_alerts": queries.open_count()})
