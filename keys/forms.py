"""The forms of keys: a new one, what one is bound to, and the search among them."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates import names
from cloudlicenses.web.forms import FilterForm, Lines, LongChoices, PageForm, SearchInput
from keys.issuing import Restrictions

HOSTNAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
APP_TYPES = [
    ("desktop", _("Desktop application")),
    ("ci_cd", _("Build or test server")),
    ("cloud_service", _("Cloud service")),
]
SCOPES = [
    ("license:checkout", _("Take seats and keep them")),
    ("license:return", _("Give seats back")),
    ("license:read", _("See licenses and leases")),
    ("usage:write", _("Report the use of features")),
]
LIVES = [("90", _("90 days")), ("365", _("a year")), ("1095", _("3 years")), ("0", _("until it is revoked"))]
MOST_BINDINGS = 200


STATES = [("active", _("active")), ("rotated", _("replaced")), ("expired", _("expired")), ("revoked", _("revoked"))]


class KeyFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        widget=SearchInput(attrs={"placeholder": _("name, host or last characters")}),
    )
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATES])


class BindingForm(PageForm):
    """What a key is bound to. `products`: what it can be bound to, by id with their names."""

    allowed_hostnames = Lines(
        label=_("Only on these hosts"), most=MOST_BINDINGS, help_text=_("One a line, such as dev-ws-042.example.com.")
    )
    allowed_ip_ranges = Lines(
        label=_("Only from these networks"),
        most=MOST_BINDINGS,
        help_text=_("Addresses or ranges, IPv4 or IPv6, such as 10.1.0.0/16 or 2001:db8::/32."),
    )
    allowed_products = forms.MultipleChoiceField(
        label=_("Only for these products"),
        required=False,
        widget=LongChoices,
        help_text=_("With none of them chosen it is for all, and for those that are still to come."),
        error_messages={"invalid_choice": _("You have no license of this product: %(value)s.")},
    )
    require_mtls = forms.BooleanField(
        label=_("Only with a client certificate that we trust"),
        required=False,
        help_text=_("Of an authority on the Certificates page. A name below asks for one as well."),
    )
    client_cert_cn = forms.CharField(
        label=_("Only with this common name"),
        max_length=253,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    client_cert_names = Lines(
        label=_("Only with one of these further names"),
        most=MOST_BINDINGS,
        help_text=_(
            "One a line, such as DNS:ws-042.example.com, email:build@example.com or URI:spiffe://example.com/build."
        ),
    )
    require_device = forms.BooleanField(
        label=_("Only from registered devices"),
        required=False,
        help_text=_("Each request is then signed by its workstation; see Devices."),
    )
    BINDINGS: ClassVar[tuple[str, ...]] = (
        "allowed_hostnames", "allowed_ip_ranges", "allowed_products", "require_mtls", "client_cert_cn", "client_cert_names",
        "require_device",
    )  # fmt: skip

    def __init__(self, *args: Any, products: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("allowed_products", products.items())

    def clean_allowed_hostnames(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.cleaned_data["allowed_hostnames"]
        if wrong := [name for name in names if not HOSTNAME.fullmatch(name)]:
            raise forms.ValidationError(_("Not a hostname: %(text)s."), params={"text": wrong[0][:60]})
        return names

    def clean_allowed_ip_ranges(self) -> tuple[str, ...]:
        return tuple(_network(text) for text in self.cleaned_data["allowed_ip_ranges"])

    def clean_client_cert_names(self) -> tuple[str, ...]:
        return tuple(_certificate_name(text) for text in self.cleaned_data["client_cert_names"])

    def bindings(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in self.BINDINGS}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


class KeyForm(BindingForm):
    app_name = forms.CharField(
        label=_("Application or workstation"),
        max_length=100,
        help_text=_("How you will know it again, such as “Workstation 042”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    app_type = forms.ChoiceField(label=_("Kind"), choices=APP_TYPES)
    expires_in_days = forms.TypedChoiceField(label=_("Lives for"), choices=LIVES, coerce=int, initial="365")
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=SCOPES,
        initial=["license:checkout", "license:return"],
        widget=forms.CheckboxSelectMultiple,
    )
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16))

    def wishes(self) -> dict[str, Any]:
        """As `issuing.issue` takes them."""
        said = self.cleaned_data
        same = ("app_name", "app_type", "scopes")
        return {name: said[name] for name in same} | {
            "expires_in_days": said["expires_in_days"] or None,
            "restrictions": Restrictions(**self.bindings()),
        }


def _certificate_name(text: str) -> str:
    try:
        return names.tidied(text)
    except names.NotAName:
        told = _("Not a name of a certificate: %(text)s. Write its sort before it, as in DNS:ws-042.example.com.")
        raise forms.ValidationError(told, params={"text": text[:60]}) from None


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise forms.ValidationError(_("Not an address or a range: %(text)s."), params={"text": text[:60]}) from None
