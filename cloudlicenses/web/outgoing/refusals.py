"""What is said no to before anything is sent."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class UnfitUrl(Refusal):
    kind = Kind.INVALID
    code = "webhook_url_not_allowed"
    title = gettext_noop("Webhooks can't be sent to this address.")
