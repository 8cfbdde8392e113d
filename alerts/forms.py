"""The forms of alerts: the filters of the list, rules, channels, business hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from alerts import calendars, kinds, queries
from alerts.calendars import BusinessHours, Holiday
from alerts.models import Channel
from alerts.rules import Ruling
from cloudlicenses.web.forms import FilterForm, Lines, LongSelect, PageForm, SearchInput

STATUSES = [
    (queries.UNRESOLVED, _("not resolved")),
    ("open", _("open")),
    ("acknowledged", _("acknowledged")),
    ("resolved", _("resolved")),
]
DELIVERY_STATUSES = [
    ("pending", _("pending")),
    ("delivered", _("delivered")),
    ("failed", _("failed")),
    ("superseded", _("superseded")),
]
TIME = {"type": "time"}
WEEKDAYS = [date(2024, 1, day) for day in range(1, 8)]  # a Monday and the six days after it


class AlertFilter(FilterForm):
    about = forms.CharField(
        label=_("Search"), max_length=254, widget=SearchInput(attrs={"placeholder": _("a key, address or person")})
    )
    status = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATUSES])
    severity = forms.ChoiceField(label=_("Severity"), choices=[("", _("All")), *kinds.SEVERITY_CHOICES])
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), *kinds.CHOICES])

    def wanted(self) -> queries.Wanted:
        names = ("status", "kind", "severity", "about")
        return queries.Wanted(**{name: self.said(name) for name in names})


class DeliveryFilter(FilterForm):
    status = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *DELIVERY_STATUSES])


class NoteForm(PageForm):
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, help_text=_("For your colleagues; it stands with the alert.")
    )


class RuleForm(PageForm):
    """One field for each threshold of the kind."""

    is_on = forms.BooleanField(label=_("Tell us of this"), required=False)
    severity = forms.ChoiceField(label=_("Severity"), choices=kinds.SEVERITY_CHOICES)
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
        help_text=_("In the time zone of your business hours. The alert stands on its page at once; messages wait."),
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
        help_text=_("What is critical never waits."),
    )

    def __init__(self, ruling: Ruling, *args: Any, **kwargs: Any) -> None:
        initial = {
            "is_on": ruling.is_on, "severity": ruling.severity, "quiet_from": ruling.quiet_from, "quiet_until": ruling.quiet_until,
            **{f"threshold_{name}": number for name, number in ruling.thresholds.items()},
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        for each in ruling.kind.thresholds:
            field = forms.IntegerField(label=each.label, min_value=each.least, max_value=each.most)
            self.add(f"threshold_{each.name}", field)

    def thresholds(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("threshold_")]

    def changes(self) -> dict[str, Any]:
        said = self.cleaned_data
        numbers = {name.removeprefix("threshold_"): said[name] for name in said if name.startswith("threshold_")}
        return {name: said[name] for name in ("is_on", "severity", "quiet_from", "quiet_until")} | {
            "thresholds": numbers
        }


class ChannelForm(PageForm):
    """What all kinds have; each kind adds its target. On a change, a secret that is left empty stays."""

    field_of_code: ClassVar[Mapping[str, str]] = {"webhook_url_not_allowed": "url"}
    api_names: ClassVar[Mapping[str, str]] = {f"target.{name}": name for name in ("to", "roles", "url", "routing_key")}

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("How you will know it again, such as “On-call team”.")
    )
    least_severity = forms.ChoiceField(label=_("From this severity on"), choices=kinds.SEVERITY_CHOICES, initial="low")
    kinds = forms.MultipleChoiceField(
        label=_("Only these alerts"),
        choices=kinds.CHOICES,
        required=False,
        help_text=_("None chosen: all of them."),
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("Language of its messages"), choices=settings.LANGUAGES, initial="en")
    request_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    TARGET: ClassVar[tuple[str, ...]] = ()

    def target(self) -> dict[str, Any]:
        """Of what was filled in; empty when all stays as it is."""
        said = {name: self.cleaned_data[name] for name in self.TARGET}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value}

    def wishes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "least_severity", "kinds", "language")}

    def keep_secrets(self) -> None:
        """The channel is there already: its target need not be told again."""
        for name in self.TARGET:
            self.fields[name].required = False
            self.fields[name].help_text = _("Leave it empty to keep the one there is.")


class EmailForm(ChannelForm):
    roles = forms.MultipleChoiceField(
        label=_("To everybody of these roles"),
        choices=[(role.value, role.label) for role in Role if role in ("owner", "license_admin")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    to = Lines(
        label=_("And to these addresses"),
        help_text=_("One a line. Only people of yours get the link that revokes a key."),
        most=20,
    )
    TARGET = ("roles", "to")

    def target(self) -> dict[str, Any]:
        """Both together: an empty list is a wish, too."""
        return {name: list(self.cleaned_data[name]) for name in self.TARGET}

    def keep_secrets(self) -> None:
        """There are none: what is chosen is what holds."""


class WebhookForm(ChannelForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("https://…, reachable from the internet. Its signing secret is shown once, after this form."),
        widget=forms.URLInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    TARGET = ("url",)


class SlackForm(ChannelForm):
    url = forms.CharField(
        label=_("Incoming webhook"),
        max_length=500,
        help_text=_(
            "https://hooks.slack.com/services/…, as Slack shows it when you add an incoming webhook to a channel."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    TARGET = ("url",)


class PagerDutyForm(ChannelForm):
    routing_key = forms.CharField(
        label=_("Integration key"),
        max_length=64,
        help_text=_("Of an integration “Events API v2” of your service in PagerDuty; 32 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    TARGET = ("routing_key",)


CHANNEL_FORMS: Mapping[str, type[ChannelForm]] = {
    Channel.Kind.EMAIL: EmailForm,
    Channel.Kind.WEBHOOK: WebhookForm,
    Channel.Kind.SLACK: SlackForm,
    Channel.Kind.PAGERDUTY: PagerDutyForm,
}


class HoursForm(PageForm):
    """A pair of times for each weekday; holidays one a line, each with a name if it has one."""

    zone = forms.ChoiceField(label=_("Time zone"), widget=LongSelect())
    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("One a line: the day, and its name if you like. 2026-12-25 Christmas"),
    )

    def __init__(self, hours: BusinessHours, *args: Any, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"zone": hours.zone, "holidays": _as_lines(hours.holidays)}
        for number, day in enumerate(hours.hours):
            initial |= {f"from_{number}": day[0] if day else None, f"until_{number}": day[1] if day else None}
        super().__init__(*args, initial=initial, **kwargs)
        for number in range(calendars.WEEKDAYS):
            for end in ("from", "until"):
                widget = forms.TimeInput(attrs=dict(TIME), format="%H:%M")
                self.add(f"{end}_{number}", forms.TimeField(required=False, widget=widget))
        self.offer("zone", [(zone, zone) for zone in calendars.zones()])

    def days(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Name, from, until; Monday first."""
        return [
            (date_format(day, "l"), self[f"from_{number}"], self[f"until_{number}"])
            for number, day in enumerate(WEEKDAYS)
        ]

    def clean_holidays(self) -> tuple[Holiday, ...]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["holidays"].splitlines())):
            day, _space, name = line.partition(" ")
            try:
                found.append(Holiday(date.fromisoformat(day), name.strip()[: calendars.LONGEST_NAME]))
            except ValueError:
                raise forms.ValidationError(_("Not a day: %(text)s."), params={"text": line[:60]}) from None
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for number in range(calendars.WEEKDAYS):
            if (said.get(f"from_{number}") is None) != (said.get(f"until_{number}") is None):
                self.add_error(f"until_{number}", _("A day has a beginning and an end, or neither."))
        return said

    def wanted(self) -> BusinessHours:
        said = self.cleaned_data
        hours = [(said[f"from_{number}"], said[f"until_{number}"]) for number in range(calendars.WEEKDAYS)]
        return BusinessHours(said["zone"], tuple(_pair(*day) for day in hours), said["holidays"])


def _pair(start: time | None, end: time | None) -> calendars.Hours:
    return (start, end) if start is not None and end is not None else None


def _as_lines(holidays: tuple[Holiday, ...]) -> str:
    ordered = sorted(holidays, key=lambda holiday: holiday.day)
    return "\n".join(f"{holiday.day.isoformat()} {holiday.name}".strip() for holiday in ordered)
