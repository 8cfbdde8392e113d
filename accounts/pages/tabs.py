"""The parts of "My account"."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

Tab = tuple[str, str, bool]


def account_tabs(request: HttpRequest, here: str) -> list[Tab]:
    """Personal tokens are for a tenant's API: there are none on the other hosts."""
    names = {"account": _("Profile"), "security": _("Security")}
    if request.host_kind == "tenant":
        names["tokens"] = _("Personal tokens")
    return [(label, reverse(name), name == here) for name, label in names.items()]
