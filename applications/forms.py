"""The forms of applications and devices: the search among them, a product's mode, who approves devices."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import ProductGuard
from cloudlicenses.web.forms import FilterForm, PageForm, SearchInput

STATES = [("learned", _("learned")), ("known", _("approved")), ("unknown", _("new")), ("blocked", _("blocked"))]
DEVICE_STATES = [("pending", _("pending")), ("active", _("active")), ("revoked", _("revoked"))]
MODES = [
    (ProductGuard.Mode.OBSERVE.value, _("Observe: whatever comes is learned")),
    (ProductGuard.Mode.ALERT.value, _("Alert: what is new is let in, and you hear of it")),
    (ProductGuard.Mode.BLOCK.value, _("Block: what is new is refused until you approve it")),
]


class FingerprintFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"), max_length=128, widget=SearchInput(attrs={"placeholder": _("user, host or fingerprint")})
    )
    product = forms.ChoiceField(label=_("Product"))
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATES])


class ModeForm(PageForm):
    mode = forms.ChoiceField(label=_("What happens to new installations"), choices=MODES, widget=forms.RadioSelect)


class DeviceFilter(FilterForm):
    q = forms.CharField(label=_("Search"), max_length=128, widget=SearchInput(attrs={"placeholder": _("name or host")}))
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *DEVICE_STATES])


class PolicyForm(PageForm):
    approves_by_itself = forms.BooleanField(
        label=_("Approve devices at once when they register"),
        required=False,
        help_text=_("Then whoever holds a key can register a device. Without it, you approve each one."),
    )
