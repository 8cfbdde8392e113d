"""How a vendor appears to its customers: name, logo, colour, whom to write to. In mails, on statements, on the customer's pages.

A colour is taken only if people can see it: it has to stand out from white paper, and text on it is white or dark, whichever
reads better (WCAG 2.2, contrast of 3:1 for shapes and 4.5:1 for text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cloudlicenses.kit.refusals import FieldError, Said, gettext_noop
from tenants.context import platform
from vendors.models import Vendor

COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
WHITE, DARK = "#ffffff", "#14181f"
LEAST_OF_SHAPES = 3.0
PLAIN_COLOR = "#1f5fd6"


@dataclass(frozen=True, slots=True)
class Brand:
    """`ink` is the colour of text on `color`; `logo_path` is empty for a vendor without a logo."""

    vendor_id: str
    name: str
    color: str
    ink: str
    logo_path: str
    support_email: str


def brands_of(vendor_ids: Iterable[str]) -> dict[str, Brand]:
    """Of each vendor that there is; for everybody, in any scope. One query."""
    with platform():
        found = list(Vendor.objects.filter(id__in=set(vendor_ids)))
    return {vendor.id: brand_of(vendor) for vendor in found}


def brand_of(vendor: Vendor) -> Brand:
    color = vendor.brand_color or PLAIN_COLOR
    logo_path = f"/brands/{vendor.id}/{vendor.logo_digest[:16]}.png" if vendor.logo_digest else ""
    return Brand(vendor.id, vendor.name, color, ink_on(color), logo_path, vendor.support_email)


def faults_of_color(text: str) -> Iterable[FieldError]:
    """What keeps a text from being a brand's colour; empty text is none and allowed."""
    if text and not COLOR.fullmatch(text):
        yield FieldError("brand_color", "invalid", gettext_noop("A colour such as #1f5fd6."))
    elif text and contrast(text, WHITE) < LEAST_OF_SHAPES:
        found = f"{contrast(text, WHITE):.1f}"
        message = gettext_noop(
            "Too light to be seen on white: its contrast is %(found)s to 1 and has to be 3 to 1. Take a darker one."
        )
        yield FieldError("brand_color", "too_light", Said(message, found=found))


def ink_on(color: str) -> str:
    """White or dark, whichever reads better on it; one of them always has 4.5 to 1."""
    return max((WHITE, DARK), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), as WCAG counts it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
