"""What the products are called that a tenant has licenses of: people choose by name what keys are bound to by id."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string


def product_names() -> dict[str, str]:
    """By id, in the order of the names; in the tenant's scope. `settings.PRODUCT_NAMES` knows: licenses stand above keys."""
    known: Callable[[], dict[str, str]] = import_string(settings.PRODUCT_NAMES)
    return known()
