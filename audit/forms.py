"""The filters of the audit log."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from audit.queries import Wanted
from cloudlicenses.web.forms import FilterForm, SearchInput

# As the API has it: no day, and none beside it, falls off the calendar.
OF_OUR_TIME = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31)))


class AuditFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"),
        max_length=254,
        widget=SearchInput(attrs={"placeholder": _("exact name or id")}),
    )
    event = forms.CharField(
        label=_("Event"), max_length=60, widget=forms.TextInput(attrs={"list": "events", "autocomplete": "off"})
    )
    actor = forms.CharField(label=_("Person or key"), max_length=254)
    result = forms.ChoiceField(
        label=_("Result"), choices=[("", _("All")), ("success", _("done")), ("refused", _("refused"))]
    )
    since = forms.DateField(
        label=_("From"), validators=OF_OUR_TIME, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), validators=OF_OUR_TIME, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def wanted(self) -> Wanted:
        return Wanted(
            about=self.said("q"), event=self.said("event"), actor=self.said("actor"), key_id=self.said("key"),
            result=self.said("result"), since=self.said("since") or None, until=self.said("until") or None,
        )  # fmt: skip
