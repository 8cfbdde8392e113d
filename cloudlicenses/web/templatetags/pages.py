"""How pages show what is not plain text: money, numbers, instants, states, icons, the heads of tables that sort."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cloudlicenses.kit import clock, months
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.money import rounded
from cloudlicenses.web.listings import Listing
from cloudlicenses.web.outgoing import problems
from cloudlicenses.web.pagination import DEFAULT_LIMIT
from cloudlicenses.web.states import state_of

register = template.Library()
A_MINUTE = 60
BREAK_AFTER = re.compile(r"([@.])(?=\w)")

register.filter("problem_words", problems.in_words)
ICONS = "vendor/tabler-icons-3.51.0/icons.svg"


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """`5,000.00 EUR`, as the reader's language writes it; a dash for nothing known. The space doesn't break."""
    return "–" if amount is None else _priced(amount, currency, get_language())


@register.filter
def number(value: float | Decimal | None) -> str:
    """`12,400`, as the reader's language writes it; a dash for nothing known."""
    return "–" if value is None else _grouped(value, get_language())


@register.filter
def lasting(seconds: int) -> str:
    """`5 s`, `3 hours`: how long something has lasted, as nearly as anybody wants to know."""
    if seconds < A_MINUTE:
        return f"{seconds} s"
    now = clock.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=1)


@register.simple_tag
def when(moment: date | str | None, style: str = "") -> SafeString | str:
    """An instant as `<time>`, to the minute, in UTC; site.js says it in the reader's zone. `"relative"`: as long ago or ahead.

    `"day"`: the day alone. A contract's days are days in UTC, wherever they are read. One kept in JSON is RFC 3339.
    """
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment is None:
        return "–"
    if not isinstance(moment, datetime):
        moment, style = months.start_of(moment), "day"
    text = _said(get_language() or "", moment.replace(second=0, microsecond=0), is_day=style == "day")
    return format_html('<time datetime="{}" data-{}>{}</time>', rfc3339(moment), style or "instant", text)


@lru_cache(maxsize=10_000)
def _said(_language: str, minute: datetime, *, is_day: bool) -> str:
    """A list of a thousand seats says each minute of a day over and over."""
    day = date_format(minute, _("j M Y"))
    return day if is_day else f"{day}, {date_format(minute, 'H:i')} UTC"


@register.simple_tag
@lru_cache(maxsize=1_000)
def icon(name: str, css_class: str = "") -> SafeString:
    """A picture from the sprite, for the eye only: words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css_class,
        static(ICONS),
        name,
    )


@register.simple_tag
def state(value: str) -> SafeString:
    """A state as a coloured word with its picture (cloudlicenses/web/states.py)."""
    return _drawn_state(value, get_language())


@register.simple_tag(takes_context=True)
def follows(context: Context, name: str, kinds: str, beside: str = "") -> SafeString:
    """The attributes of a part of a page that follows what happens (docs/pages.md): it is fetched again with the page, and morphed.
    `beside`: ids of what follows with it elsewhere on the page."""
    address = context["request"].get_full_path()
    said = format_html(
        'id="{}" data-live="{}" hx-get="{}" hx-trigger="live" hx-swap="morph" hx-select="#{}"',
        name,
        kinds,
        address,
        name,
    )
    return (
        format_html('{} hx-select-oob="{}"', said, ",".join(f"#{one}:morph" for one in beside.split()))
        if beside
        else said
    )


@register.filter
def may_break(name: str) -> SafeString:
    """An address or a host, which a narrow column breaks after an @ or a dot rather than within a word."""
    return SafeString(BREAK_AFTER.sub(r"\1<wbr>", escape(name)))


@register.simple_tag
def columns(*labels: str, ends: int = 0) -> SafeString:
    """A table's head that doesn't sort: `{% columns _("What") _("Waiting") ends=1 %}`; the last `ends` columns hold numbers."""
    first_number = len(labels) - ends
    cells = ((SafeString(' class="end"' if at >= first_number else ""), label) for at, label in enumerate(labels))
    return format_html("<thead><tr>{}</tr></thead>", format_html_join("", '<th scope="col"{}>{}</th>', cells))


@register.simple_tag(takes_context=True)
def sort_head(context: Context, listing: Listing, name: str, label: str, css_class: str = "") -> SafeString:
    """A column's head whose link sorts by it; everything else in the address stays, but the page begins anew."""
    direction = listing.direction(name)
    query = context["request"].GET.copy()
    query.pop("cursor", None)
    query["sort"] = listing.next_sort(name)
    return format_html(
        '<th scope="col" class="{}"{}><a class="sort" href="?{}"{}>{}{}</a></th>',
        css_class,
        format_html(' aria-sort="{}"', direction) if direction else "",
        query.urlencode(),
        format_html(' data-told="{}"', _told_of_order(direction, label)) if direction else "",
        label,
        icon(_arrow(direction), "" if direction else "sort-idle"),
    )


def _arrow(direction: str) -> str:
    return {"ascending": "arrow-up", "descending": "arrow-down"}.get(direction, "arrows-sort")


def _told_of_order(direction: str, label: str) -> str:
    """What is read out when a table was sorted in place."""
    if direction == "descending":
        return _("Sorted by %(column)s, descending") % {"column": label}
    return _("Sorted by %(column)s, ascending") % {"column": label}


@register.inclusion_tag("_pager.html", takes_context=True)
def pager(context: Context, listing: Listing, next_label: str = "", most: int = 0) -> dict[str, Any]:
    """Links to the next page and back to the first, to a page of `most` rows and back; nothing when all is on this one."""
    return {
        "request": context["request"],
        "listing": listing,
        "next_label": next_label or _("Next"),
        "most": most,
        "usual": DEFAULT_LIMIT,
        "told": told_of_page(len(listing.rows), is_later=listing.is_later_page, has_more=bool(listing.next_cursor)),
    }


@register.simple_tag
def told_of_page(rows: int, *, is_later: bool, has_more: bool) -> str:
    """What is read out when a table's page was turned in place."""
    if is_later and has_more:
        said = ngettext("The next row is shown.", "The next %(n)s rows are shown.", rows)
    elif is_later:
        said = ngettext("The last row is shown.", "The last %(n)s rows are shown.", rows)
    elif has_more:
        said = ngettext("The first row is shown.", "The first %(n)s rows are shown.", rows)
    else:
        said = ngettext("The only row is shown.", "All %(n)s rows are shown.", rows)
    return said % {"n": number(rows)}


@register.simple_tag(takes_context=True)
def may(context: Context, right: str) -> bool:
    """`{% may "keys:manage" as can_manage %}`: whether the signed-in person has the right."""
    return right in context["request"].user.rights


# A table says the same few amounts, numbers and states row after row; each is written once a language.
@lru_cache(maxsize=10_000)
def _priced(amount: Decimal, currency: str, _language: str | None) -> str:
    return f"{number_format(rounded(amount), decimal_pos=2, force_grouping=True)}\u00a0{currency}"


@lru_cache(maxsize=10_000, typed=True)  # 1.0 is the same key as 1 otherwise, and isn't written alike
def _grouped(value: float | Decimal, _language: str | None) -> str:
    return number_format(value, force_grouping=True)


@lru_cache(maxsize=1_000)
def _drawn_state(value: str, _language: str | None) -> SafeString:
    it = state_of(value)
    tone = f"tag tag-{it.tone}" if it.tone else "tag"
    return format_html('<span class="{}">{}{}</span>', tone, icon(it.icon) if it.icon else "", it.word)
