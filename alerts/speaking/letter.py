"""A mail to one reader, in their language: what happened, the way to its page, and for those who may, a link that revokes the
key.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from alerts import revoking, shown, wording
from alerts.models import Alert, Delivery
from cloudlicenses.kit import clock
from cloudlicenses.web import mail
from cloudlicenses.web.outgoing.problems import LONGEST_REASON, Unsent
from cloudlicenses.web.pages import tenant_url
from tenants import context

ACCEPTED = "Accepted by the mail server."


@dataclass(frozen=True, slots=True)
class Letter:
    """Made with the database at hand, sent without."""

    to: str
    message_id: str
    language: str
    facts: Mapping[str, Any] = field(repr=False)  # there may be a link in it that works

    def send(self) -> tuple[None, str]:
        try:
            with translation.override(self.language):
                mail.send("alert", to=self.to, message_id=self.message_id, context=self.facts)
        except smtplib.SMTPRecipientsRefused as refused:
            raise _refused(*refused.recipients[self.to]) from None
        except smtplib.SMTPResponseException as refused:
            raise _refused(refused.smtp_code, refused.smtp_error) from None
        return None, ACCEPTED


def _refused(code: int, said: bytes | str) -> Unsent:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Unsent("mail_refused", reason=f"{code} {text}"[:LONGEST_REASON].replace("\0", ""))


def letter(delivery: Delivery) -> Letter:
    """In the tenant's scope, in a transaction: a link to revoke is made here."""
    reader = User.objects.filter(email=delivery.receiver.lower(), is_active=True).first()
    language = (reader.language if reader else "") or delivery.endpoint.language
    with translation.override(language):
        facts = _about(delivery.alert) if delivery.alert else _test()
    if delivery.alert and reader:
        facts |= {"revoke_url": revoking.link_for(delivery, delivery.alert, reader), "hours": revoking.HOURS}
    tenant_id = context.current().tenant_id
    place = {"tenant_id": tenant_id, "channels_url": tenant_url(tenant_id, "/alerts/channels")}
    return Letter(delivery.receiver, f"{delivery.message_id}.{tenant_id}", language, facts | place)


def _about(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "subject_line": f"[{wording.severity(alert)}] {wording.title(alert)}: {alert.subject_name or alert.subject_id}",
        "title": wording.title(alert),
        "severity": wording.severity(alert),
        "summary": wording.summary(alert),
        "advice": wording.advice(alert),
        "rows": [(_("When"), wording.moment(alert.last_at)), *wording.facts(alert)],
        "counted": wording.counted(alert),
        "url": shown.url(alert),
    }


def _test() -> dict[str, Any]:
    url = tenant_url(context.current().tenant_id, "/alerts")
    return {
        "alert": None, "subject_line": _("A test of your alerts"), "title": _("A test of your alerts"), "url": url,
        "summary": _("This is a test. Alerts of CloudLicenses will come to this address."),
        "rows": [(_("When"), wording.moment(clock.now()))],
    }  # fmt: skip
