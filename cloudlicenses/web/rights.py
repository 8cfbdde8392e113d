"""What a right lets one do, in words. Which role has which is said in accounts/roles.py; programs go by the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Of a tenant's people: they alone have personal tokens.
RIGHTS: dict[str, StrPromise] = {
    "alerts:manage": _("handle alerts, change rules and channels"),
    "alerts:read": _("read alerts"),
    "applications:manage": _("approve and block installations and devices"),
    "applications:read": _("read installations and devices"),
    "audit:read": _("read the audit log"),
    "certificates:manage": _("issue and revoke certificates, trust authorities"),
    "certificates:read": _("read certificates"),
    "costs:manage": _("set budgets"),
    "costs:read": _("read costs"),
    "keys:manage": _("generate, restrict, rotate and revoke API keys"),
    "keys:read": _("read API keys"),
    "licenses:manage": _("set limits, take seats back"),
    "licenses:read": _("read licenses, seats and usage"),
    "users:manage": _("invite people, change and end what they may do"),
    "users:read": _("read who is here"),
}


def right_in_words(right: str) -> str:
    """What nobody has put into words goes by its name."""
    return str(RIGHTS.get(right, right))
