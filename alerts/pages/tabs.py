"""The views of alerts, side by side."""

from __future__ import annotations

from django.utils.translation import gettext as _

Tab = tuple[str, str, bool]


def tabs(here: str) -> list[Tab]:
    """`here`: the address of the view that is shown."""
    known = (
        (_("Alerts"), "/alerts"), (_("Rules"), "/alerts/rules"), (_("Channels"), "/alerts/channels"),
        (_("Business hours"), "/alerts/hours"),
    )  # fmt: skip
    return [(label, path, path == here) for label, path in known]
