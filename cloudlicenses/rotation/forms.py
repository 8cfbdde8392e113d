"""The filter above the operator's list of data keys."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import FilterForm, SearchInput


class KeyFilter(FilterForm):
    about = forms.CharField(label=_("Owner"), max_length=60, widget=SearchInput)
