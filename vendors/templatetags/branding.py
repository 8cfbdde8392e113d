"""A vendor as its customers see it, for pages on any host: logo or mark, name, whom to write to."""

from __future__ import annotations

from typing import Any

from django import template

from vendors.branding import brands_of

register = template.Library()


@register.inclusion_tag("vendors/_brand.html")
def vendor_brand(vendor_id: str) -> dict[str, Any]:
    """`{% vendor_brand license.vendor_id %}`; nothing for a vendor that there isn't."""
    return {"brand": brands_of([vendor_id]).get(vendor_id)}
