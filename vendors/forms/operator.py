"""The operator's forms: a new vendor, and the filter above all of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import FilterForm, PageForm, SearchInput


class VendorForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"vendor_taken": "id", "user_exists": "email"}

    name = forms.CharField(
        label=_("Company"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    id = forms.CharField(
        label=_("Vendor id"),
        max_length=40,
        help_text=_("3 to 40 characters of a-z, 0-9 and hyphens, such as vector-de. It never changes."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Whoever will manage the vendor's licenses. The invitation to the portal goes here."),
    )
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16))


class VendorFilter(FilterForm):
    about = forms.CharField(label=_("Company, id or e-mail address"), max_length=100, widget=SearchInput)
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), ("active", _("Active")), ("suspended", _("Suspended"))]
    )
