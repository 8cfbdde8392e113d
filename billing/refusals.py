"""What billing says no to."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class MonthNotBegun(Refusal):
    kind = Kind.INVALID
    code = "month_not_begun"
    title = gettext_noop("This month has not begun. There is nothing to close.")


class TooManyEndpoints(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_webhooks"
    title = gettext_noop("A vendor may have at most 20 webhook endpoints. Delete one you no longer need.")


class UnfitRange(Refusal):
    kind = Kind.INVALID
    code = "invalid_range"
    title = gettext_noop("This range of days can't be billed.")


class TooManyRowsForPdf(Refusal):
    kind = Kind.INVALID
    code = "too_many_rows_for_pdf"
    title = gettext_noop("This report is too long for a PDF. Ask for fewer months or one customer, or for format=csv.")
