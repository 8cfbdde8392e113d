"""The sign-up form: what the registration API asks for, in a person's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import FilterForm, LongSelect, PageForm, SearchInput
from tenants.countries import named_countries
from tenants.plans import PLANS, REGIONS, Plan
from tenants.registration import Application


class SignUpForm(PageForm):
    api_names: ClassVar[Mapping[str, str]] = {
        "tenant.id": "tenant_id",
        "tenant.region": "region",
        "tenant.plan": "plan",
        "company.country": "country",
        "company.domain": "domain",
        "admin.email": "admin_email",
    }
    field_of_code: ClassVar[Mapping[str, str]] = {"tenant_taken": "tenant_id", "domain_taken": "domain"}

    company_name = forms.CharField(
        label=_("Company"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    tenant_id = forms.CharField(
        label=_("Address of your space"),
        max_length=40,
        help_text=format_lazy(_("Your address will be this name, followed by {end}."), end=f".{settings.BASE_DOMAIN}"),
        widget=forms.TextInput(
            attrs={"placeholder": "example", "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    domain = forms.CharField(
        label=_("Domain of the company"),
        max_length=253,
        help_text=_("You prove that it is yours by a DNS record that we show you next."),
        widget=forms.TextInput(
            attrs={
                "placeholder": "example.com",
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-suggests": "id_tenant_id",
            }
        ),
    )
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=LongSelect(attrs={"autocomplete": "country"})
    )
    tax_id = forms.CharField(label=_("Tax id"), max_length=64, required=False)
    region = forms.ChoiceField(
        label=_("Where your data is kept"), choices=[(id, _(name)) for id, name in REGIONS.items()]
    )
    plan = forms.ChoiceField(
        label=_("Plan"), choices=[(plan.id, plan.name) for plan in PLANS.values()], widget=forms.RadioSelect
    )
    admin_name = forms.CharField(
        label=_("Your name"), max_length=255, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    admin_email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The first administrator. The link to set a password goes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, said: Mapping[str, Any] | None = None, *, plan: str = "") -> None:
        """`plan` is the one chosen beforehand; without it, or when there is none of that name, the first."""
        super().__init__(said, initial={"plan": plan if plan in PLANS else next(iter(PLANS))})
        self.offer("country", [("", "–"), *named_countries()])

    def plans(self) -> Iterator[tuple[Any, Plan]]:
        """Each plan with the button that chooses it."""
        yield from zip(self["plan"], PLANS.values(), strict=True)

    def application(self) -> Application:
        said = self.cleaned_data
        return Application(**said | {"tenant_id": said["tenant_id"].lower()})


class TenantFilter(FilterForm):
    """The operator's, above the list of tenants."""

    about = forms.CharField(label=_("Company, id or domain"), max_length=100, widget=SearchInput)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("All")),
            ("active", _("Active")),
            ("provisioning", _("Provisioning")),
            ("suspended", _("Suspended")),
            ("deleted", _("Deleted")),
        ],
    )
