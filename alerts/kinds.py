"""What there are alerts of: one table. A tenant's rules (rules.py) change severity, thresholds, and whether it is told at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A whole number that the tenant may choose within bounds."""

    name: str
    label: StrPromise
    usual: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Kind:
    """`resolves_after`: hours without another occurrence, after which it resolves by itself; 0: when its cause is gone."""

    name: str
    title: StrPromise
    meaning: StrPromise
    severity: str
    resolves_after: int = 24
    thresholds: tuple[Threshold, ...] = ()
    is_on: bool = True


def _learning() -> Threshold:
    return Threshold("learning_days", _("Days of learning for a new key"), 7, 0, 90)


_KINDS = (
    Kind("unknown_address", _("Unknown address"),
         _("A key is used, or tried, from a network address that it was not used from before."), "medium", 24, (_learning(),)),
    Kind("unknown_hostname", _("Unknown hostname"),
         _("A key is used, or tried, on a host that it was not used on before."), "medium", 24, (_learning(),)),
    Kind("unknown_fingerprint", _("Unknown application"),
         _("A key is used by an application whose fingerprint is not known, or is blocked."), "high"),
    Kind("certificate_refused", _("Client certificate missing or refused"),
         _("A key that needs a client certificate is tried without it, or with another one."), "high"),
    Kind("signature_refused", _("Signature refused"),
         _("A request that has to be signed by the application or the device is not, or not rightly."), "high"),
    Kind("cross_tenant", _("Key of another tenant"),
         _("A key is tried at the address of a tenant that it does not belong to."), "critical"),
    Kind("leaked_key", _("Leaked key"), _("Somebody has found a key where it should not be, and reported it."), "critical", 72),
    Kind("unusual_rate", _("Unusual rate"),
         _("A key asks for seats far more often than it usually does, or more often than it may."), "medium", 12, (
             Threshold("checkouts", _("Checkouts in 5 minutes"), 30, 2, 10_000),
             Threshold("times", _("Times its usual number"), 5, 2, 1_000))),
    Kind("many_addresses", _("Many addresses"),
         _("The same key is used from many addresses within a short time."), "high", 24, (
             Threshold("addresses", _("Different addresses"), 5, 2, 1_000),
             Threshold("minutes", _("Within minutes"), 10, 1, 60))),
    Kind("outside_hours", _("Outside business hours"),
         _("A desktop application takes a seat outside the business hours of your calendar."), "low", 12, is_on=False),
    Kind("repeated_refusals", _("Repeated refusals"),
         _("The same key, or the same address, is refused again and again."), "medium", 12, (
             Threshold("refusals", _("Refusals"), 10, 2, 10_000),
             Threshold("minutes", _("Within minutes"), 15, 1, 60))),
    Kind("seats_denied", _("Seats denied"),
         _("Engineers find no seat of a product again and again."), "low", 12, (
             Threshold("denials", _("Denials"), 10, 1, 10_000),
             Threshold("minutes", _("Within minutes"), 60, 1, 60))),
    Kind("new_admin", _("New administrator"),
         _("Somebody is invited as, or becomes, an owner or a license administrator."), "medium", 72),
    Kind("log_bent", _("Audit log bent"),
         _("An entry was put into the audit log afterwards: it did not come when it says that it happened."), "critical", 72),
    Kind("key_expiring", _("Key about to expire"),
         _("A key will expire soon; its applications will then be refused."), "low", 0, (
             Threshold("days", _("Days before it expires"), 14, 1, 90),)),
    Kind("certificate_expiring", _("Client certificate about to expire"),
         _("A client certificate that a key asks for will expire soon, and there is no newer one."), "medium", 0, (
             Threshold("days", _("Days before it expires"), 30, 1, 90),)),
    Kind("authority_expiring", _("Certificate authority about to expire"),
         _("A trusted authority will expire soon; every certificate that it has issued will then be refused."), "high", 0, (
             Threshold("days", _("Days before it expires"), 60, 1, 365),)),
    Kind("budget", _("Budget nearly used up"),
         _("The overage of a license has used up a part of its monthly budget."), "medium", 0, (
             Threshold("percent", _("Percent of the budget"), 80, 1, 100),)),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
CHOICES = [(kind.name, kind.title) for kind in _KINDS]
SEVERITY_CHOICES = [("low", _("low")), ("medium", _("medium")), ("high", _("high")), ("critical", _("critical"))]


def rank(severity: str) -> int:
    return SEVERITIES.index(severity)


def bounds_of_thresholds() -> dict[str, tuple[int, int]]:
    """Of every threshold the widest that any kind allows."""
    bounds: dict[str, tuple[int, int]] = {}
    for threshold in (each for kind in _KINDS for each in kind.thresholds):
        least, most = bounds.get(threshold.name, (threshold.least, threshold.most))
        bounds[threshold.name] = min(least, threshold.least), max(most, threshold.most)
    return bounds
