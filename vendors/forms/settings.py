"""Forms about the vendor itself: its keys, its profile, its logo."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import Lines, PageForm
from keys.issuing import Restrictions

SCOPES = [
    ("vendor:read", _("Look: licenses, customers, usage, bills")),
    ("vendor:write", _("Change: sell, amend, link")),
]
LIVES = [("365", _("a year")), ("90", _("90 days")), ("1095", _("3 years")), ("0", _("until it is revoked"))]
MOST_NETWORKS = 100


class VendorKeyForm(PageForm):
    app_name = forms.CharField(
        label=_("System"),
        max_length=100,
        help_text=_("How you will know it again, such as “Salesforce”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_in_days = forms.TypedChoiceField(label=_("Lives for"), choices=LIVES, coerce=int, initial="365")
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=SCOPES, initial=["vendor:read", "vendor:write"], widget=forms.CheckboxSelectMultiple
    )
    allowed_ip_ranges = Lines(
        label=_("Only from these networks"),
        most=MOST_NETWORKS,
        help_text=_("Addresses or ranges, IPv4 or IPv6, such as 10.1.0.0/16 or 2001:db8::/32."),
    )
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16))

    def clean_allowed_ip_ranges(self) -> tuple[str, ...]:
        return tuple(map(_network, self.cleaned_data["allowed_ip_ranges"]))

    def wishes(self) -> dict[str, Any]:
        """As `issuing.issue` takes them."""
        said = self.cleaned_data
        return {
            "app_name": said["app_name"],
            "app_type": "cloud_service",
            "scopes": sorted(said["scopes"]),
            "expires_in_days": said["expires_in_days"] or None,
            "restrictions": Restrictions(allowed_ip_ranges=said["allowed_ip_ranges"]),
        }


class ColorInput(forms.TextInput):
    """The browser's own choice of colours; a text like #1f5fd6 for those without."""

    input_type = "color"


class ProfileForm(PageForm):
    name = forms.CharField(label=_("Company"), max_length=255)
    email = forms.EmailField(label=_("Contact"), max_length=254, help_text=_("Where we write to you."))
    support_email = forms.EmailField(
        label=_("Support address"),
        max_length=254,
        required=False,
        help_text=_("Whom your customers may write to; in mails and on their license page."),
    )
    auto_provisioning = forms.BooleanField(
        label=_("Put new licenses into the customer's tenant at once, unless the deal says otherwise"), required=False
    )


class BrandForm(PageForm):
    brand_color = forms.CharField(
        label=_("Colour"),
        max_length=7,
        help_text=_("Of buttons and headings in your mails. It has to stand out from white."),
        widget=ColorInput,
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 1 MB; wide ones look best. It is scaled to 640 by 240."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise forms.ValidationError(_("Not an address or a range: %(text)s."), params={"text": text[:60]}) from None
