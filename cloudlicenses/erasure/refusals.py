"""What refuses to forget somebody."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class NobodyNamed(Refusal):
    kind = Kind.CONFLICT
    code = "nobody_named"
    title = gettext_noop("Nobody here is known by this value: no account that was deactivated, and no user of a seat.")
