"""Forms about webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from audit import wording
from billing.webhooks.telling import EVENTS
from cloudlicenses.web.forms import FilterForm, PageForm
from cloudlicenses.web.outgoing.addresses import LONGEST_URL

STATUSES = [("", _("All")), ("pending", _("Pending")), ("delivered", _("Delivered")), ("failed", _("Failed"))]


class EndpointForm(PageForm):
    """`is_new` False: the secret stays, and so does a token that is not named."""

    api_names: ClassVar[Mapping[str, str]] = {"events": "listens_to"}
    field_of_code: ClassVar[Mapping[str, str]] = {"webhook_url_not_allowed": "url"}

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("https://…, reachable from the internet."),
        widget=forms.URLInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    listens_to = forms.MultipleChoiceField(
        label=_("Send it"),
        initial=["invoice.created"],
        widget=forms.CheckboxSelectMultiple,
    )
    authorization = forms.RegexField(
        r"^[!-~]*$",
        label=_("Bearer token"),
        max_length=1000,
        required=False,
        help_text=_("Sent as “Authorization: Bearer …” when your system wants one."),
        error_messages={"invalid": _("Visible ASCII characters only.")},
    )
    request_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, f"{wording.event(name)} ({name})") for name in EVENTS]
        self.offer("listens_to", [("*", _("everything")), *named])
        if not is_new:
            self.fields["authorization"].help_text = _("Leave it empty to keep the one there is.")

    def wishes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("url", "listens_to", "authorization")}

    def changes(self) -> dict[str, Any]:
        said = self.cleaned_data
        token = {"authorization": said["authorization"]} if said["authorization"] else {}
        return {"url": said["url"], "events": said["listens_to"], **token}


class DeliveryFilter(FilterForm):
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES)
