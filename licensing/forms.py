"""The form for a customer's own limits on a license."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.kit.money import LARGEST
from cloudlicenses.web.forms import PageForm
from licensing.caps import COLUMNS
from licensing.models import License


class CapsForm(PageForm):
    """Empty means: as the contract says. The names are those of `caps.set_caps`, which refuses what is above the contract."""

    max_in_use = forms.IntegerField(label=_("At most in use"), required=False, min_value=0)
    max_overage = forms.IntegerField(label=_("At most of these overage"), required=False, min_value=0)
    monthly_budget = forms.DecimalField(
        label=_("Overage budget a month"), required=False, min_value=Decimal(0), max_value=LARGEST, decimal_places=2
    )
    of_the_contract: ClassVar[dict[str, str]] = {"max_in_use": "total_licenses", "max_overage": "max_overage"}

    def __init__(self, license_: License, data: Any = None) -> None:
        initial = {name: getattr(license_, column) for name, column in COLUMNS.items()}
        super().__init__(data, initial=initial)
        for name, column in self.of_the_contract.items():
            sold = getattr(license_, column)
            self.fields[name].widget.attrs |= {"max": sold, "placeholder": sold}
            self.fields[name].help_text = _("The contract allows %(sold)s.") % {"sold": sold}
        self.fields["monthly_budget"].help_text = _(
            "In %(currency)s. When it is spent, checkouts beyond the commit are refused until the month is over."
        ) % {"currency": license_.currency}

    def wishes(self) -> dict[str, Any]:
        """As `caps.set_caps` takes them."""
        return {name: self.cleaned_data[name] for name in COLUMNS}
