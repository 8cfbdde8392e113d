"""What is said no to about alerts."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class AlreadyResolved(Refusal):
    kind = Kind.CONFLICT
    code = "alert_resolved"
    title = gettext_noop("This alert is resolved already.")


class TooManyChannels(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_channels"
    title = gettext_noop("There can be at most 20 channels. Remove one that you no longer need.")


class RevokeLinkUnknown(Refusal):
    kind = Kind.MISSING
    code = "revoke_link_unknown"
    title = gettext_noop("This link leads nowhere. Sign in and revoke the key on its page.")


class RevokeLinkUsed(Refusal):
    kind = Kind.CONFLICT
    code = "revoke_link_used"
    title = gettext_noop("This link was used already: the key is revoked.")


class RevokeLinkExpired(Refusal):
    kind = Kind.CONFLICT
    code = "revoke_link_expired"
    title = gettext_noop("This link has expired. Sign in and revoke the key on its page.")
