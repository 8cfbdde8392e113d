"""How pages show what is not plain text: money, instants, icons."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.money import rounded

register = template.Library()
ICONS = "vendor/tabler-icons-3.51.0/icons.svg"


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """`5,000.00 EUR`; a dash for nothing known. The space doesn't break."""
    return "–" if amount is None else f"{rounded(amount):,.2f}\u00a0{currency}"


@register.simple_tag
def when(moment: datetime | None, style: str = "") -> SafeString | str:
    """An instant as `<time>`, to the minute, in UTC. `"relative"`: site.js says how long ago that is; `"day"`: the day alone."""
    if moment is None:
        return "–"
    text = f"{moment.day} {moment:%b %Y}" if style == "day" else f"{moment.day} {moment:%b %Y, %H:%M} UTC"
    marker = SafeString(" data-relative") if style == "relative" else ""
    return format_html('<time datetime="{}"{}>{}</time>', rfc3339(moment), marker, text)


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A picture from the sprite, for the eye only: words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css_class,
        static(ICONS),
        name,
    )
