"""Forms about customers and products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import FilterForm, PageForm, SearchInput
from vendors import terms
from vendors.forms.licenses import FeatureLines

STANDINGS = [("", _("All")), ("linked", _("With a tenant")), ("waiting", _("Not registered yet"))]


class CustomerFilter(FilterForm):
    q = forms.CharField(label=_("Company, CRM account or tenant"), max_length=100, widget=SearchInput)
    standing = forms.ChoiceField(label=_("Tenant"), choices=STANDINGS)


class TenantQuery(FilterForm):
    """Any company here can be found by the tenant it uses, and by nothing else."""

    tenant_id = forms.CharField(label=_("Tenant"), max_length=40, widget=SearchInput)


class LinkForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"account_conflict": "tenant_id"}
    for_people: ClassVar[Mapping[tuple[str, str], Any]] = {
        ("tenant_id", "account_conflict"): _(
            "%(account)s has licenses in the tenant %(tenant)s and stays there. Write that tenant, or another CRM account."
        )
    }

    name = forms.CharField(label=_("Company"), max_length=255)
    crm_account_id = forms.CharField(
        label=_("CRM account"), max_length=100, help_text=_("The id this customer has in your CRM, such as ACC-98765.")
    )
    tenant_id = forms.CharField(
        label=_("Tenant"),
        max_length=40,
        help_text=_("The customer's subdomain. It need not exist yet."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    contact_email = forms.EmailField(
        label=_("Contact"), max_length=254, required=False, help_text=_("Is told when licenses arrive.")
    )

    def clean_tenant_id(self) -> str:
        return str(self.cleaned_data["tenant_id"]).lower()

    def customer(self) -> terms.Customer:
        return terms.Customer(**self.cleaned_data)


class ProductForm(PageForm):
    """`is_new` False: the id stays what it is."""

    field_of_code: ClassVar[Mapping[str, str]] = {"product_taken": "id"}

    id = forms.CharField(
        label=_("Product id"),
        max_length=100,
        help_text=_(
            "What your application asks for, such as can-editor-pro. It is unique on the platform and never changes."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Name"), max_length=255)
    version = forms.CharField(
        label=_("Versions"),
        max_length=100,
        required=False,
        help_text=_("Such as >=8.0.0 or >=8,<9; empty: every version. Holds for licenses generated from now on."),
    )
    features = FeatureLines(
        label=_("Features"), most=100, help_text=_("One a line, as the application names them: can_editor.")
    )

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["id"]
