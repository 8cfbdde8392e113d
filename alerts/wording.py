"""An alert in words, in the reader's language: what happened in a sentence, what may be done about it, and the facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from alerts.kinds import KINDS, SEVERITY_CHOICES
from alerts.models import Alert
from cloudlicenses.web.states import state_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

NOTHING = "–"
_GIVEN: dict[str, StrPromise] = {
    "unknown_address": gettext_lazy("The key “%(name)s” took a seat from %(ip)s, where it was not used before."),
    "unknown_hostname": gettext_lazy("The key “%(name)s” took a seat on %(hostname)s, where it was not used before."),
    "unknown_fingerprint": gettext_lazy("The key “%(name)s” is used by an application that is not known."),
    "certificate_refused": gettext_lazy(
        "The key “%(name)s” was tried without its client certificate, or with another one."
    ),
    "signature_refused": gettext_lazy("The key “%(name)s” was tried with a request that was not rightly signed."),
    "cross_tenant": gettext_lazy("The key “%(name)s” was tried at the address of another tenant, from %(ip)s."),
    "leaked_key": gettext_lazy("The key “%(name)s” was found where it should not be, and reported. It is revoked."),
    "unusual_rate": gettext_lazy(
        "The key “%(name)s” took %(number)s seats in %(minutes)s minutes; usual for it are %(usual)s."
    ),
    "many_addresses": gettext_lazy("The key “%(name)s” was used from %(number)s addresses within %(minutes)s minutes."),
    "outside_hours": gettext_lazy("The key “%(name)s” took a seat outside business hours: %(local_time)s (%(zone)s)."),
    "repeated_refusals": gettext_lazy("“%(name)s” was refused %(number)s times within %(minutes)s minutes."),
    "seats_denied": gettext_lazy("%(number)s times within %(minutes)s minutes nobody could get a seat of %(name)s."),
    "new_admin": gettext_lazy("%(name)s was made an administrator by %(by)s."),
    "log_bent": gettext_lazy(
        "%(number)s entries of the audit log say that they happened at another time than they came: %(entry)s first."
    ),
    "key_expiring": gettext_lazy("The key “%(name)s” expires on %(day)s."),
    "certificate_expiring": gettext_lazy("The client certificate of “%(name)s” expires on %(day)s."),
    "authority_expiring": gettext_lazy("The certificate authority “%(name)s” expires on %(day)s."),
    "budget": gettext_lazy("The overage of %(name)s has used %(spent)s of %(budget)s %(currency)s this month."),
}
_TRIED: dict[str, StrPromise] = {
    "unknown_address": gettext_lazy(
        "The key “%(name)s” was tried from %(ip)s, where it may not be used. It was refused."
    ),
    "unknown_hostname": gettext_lazy(
        "The key “%(name)s” was tried on “%(hostname)s”, where it may not be used. It was refused."
    ),
    "unknown_fingerprint": gettext_lazy(
        "The key “%(name)s” was tried by an application that is not known. It was refused."
    ),
    "unusual_rate": gettext_lazy("The key “%(name)s” was used more often than it may be. It was refused."),
}
_STRANGER = gettext_lazy("A key that is not yours was tried at your address, from %(ip)s. It was refused.")
_ADVICE: dict[str, StrPromise] = {
    "key": gettext_lazy("If nobody of yours did this, revoke the key: applications that use it are refused at once."),
    "address": gettext_lazy("If this goes on, tell your network's administrators."),
    "user": gettext_lazy("If this was not intended, change the person's role or deactivate them."),
    "license": gettext_lazy("Raise the budget, or let engineers know that overage will end."),
    "log": gettext_lazy(
        "Nobody but who has the database can do this. Export the log, run the verifier, and ask your platform's operators."
    ),
    "product": gettext_lazy("See who holds seats, or ask your vendor for more."),
}
_EXPIRING: dict[str, StrPromise] = {
    "key_expiring": gettext_lazy("Rotate it in time: the new key and the old one both work for a day."),
    "certificate_expiring": gettext_lazy(
        "Issue the next one for the same names in time, put it in place, then revoke this one: keys need no change."
    ),
    "authority_expiring": gettext_lazy(
        "Upload its successor beside it, or replace ours, and issue certificates anew before that day."
    ),
}
_WHY: dict[str, StrPromise] = {
    "quiet": gettext_lazy("It did not happen again."),
    "key_revoked": gettext_lazy("The key was revoked."),
    "cause_gone": gettext_lazy("Its cause is gone."),
}
_LABELS: tuple[tuple[str, StrPromise], ...] = (
    ("ip", gettext_lazy("Address")),
    ("hostname", gettext_lazy("Host")),
    ("fingerprint", gettext_lazy("Fingerprint")),
    ("user", gettext_lazy("User")),
    ("product_id", gettext_lazy("Product")),
    ("role", gettext_lazy("Role")),
    ("by", gettext_lazy("Done by")),
    ("serial_number", gettext_lazy("Serial number")),
    ("code", gettext_lazy("Refused with")),
)


def title(alert: Alert) -> str:
    return str(KINDS[alert.kind].title)


def headline(alert: Alert) -> str:
    """What it is, and about what."""
    about = alert.subject_name or alert.subject_id
    return f"{title(alert)}: {about}" if about else title(alert)


def severity(alert: Alert) -> str:
    return str(dict(SEVERITY_CHOICES)[alert.severity])


def summary(alert: Alert) -> str:
    """One sentence."""
    known = {"name": alert.subject_name or alert.subject_id, **alert.facts}
    if "expires_at" in known:
        known["day"] = _day(datetime.fromisoformat(str(known["expires_at"])))
    for amount in known.keys() & {"spent", "budget"}:
        known[amount] = number_format(Decimal(str(known[amount])), decimal_pos=2, force_grouping=True)
    is_strange = alert.kind == "cross_tenant" and alert.subject_kind == "address"
    tried = _TRIED.get(alert.kind) if alert.facts.get("code") else None
    template = _STRANGER if is_strange else tried or _GIVEN[alert.kind]
    values: defaultdict[str, Any] = defaultdict(lambda: NOTHING, known)
    return str(template) % values


def advice(alert: Alert) -> str:
    return str(_EXPIRING.get(alert.kind) or _ADVICE[alert.subject_kind])


def why_resolved(alert: Alert) -> str:
    """Of one that resolved by itself; empty when a person did it."""
    return str(_WHY.get(alert.facts.get("why", ""), ""))


def facts(alert: Alert) -> list[tuple[str, str]]:
    """Of the last occurrence, with labels."""
    return [(str(label), _told(name, str(alert.facts[name]))) for name, label in _LABELS if alert.facts.get(name)]


def moment(at: datetime) -> str:
    return f"{_day(at)}, {at:%H:%M} UTC"


def _day(at: datetime) -> str:
    """As pages write it."""
    return date_format(at, _("j M Y"))


def _told(name: str, value: str) -> str:
    if name == "role":
        return str(dict(Role.choices).get(value, value))
    return str(state_of(value).word) if name == "code" else value


def counted(alert: Alert) -> str:
    if alert.count == 1:
        return ""
    return _("%(count)s times since %(at)s") % {"count": alert.count, "at": moment(alert.first_at)}
