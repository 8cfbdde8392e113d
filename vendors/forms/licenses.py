"""Forms about licenses: finding them, selling one, changing one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.kit import clock, ids, money
from cloudlicenses.web.forms import FilterForm, Lines, LongSelect, PageForm, SearchInput
from vendors import lifecycle, terms
from vendors.models import IssuedLicense, Product

STATUSES = [
    ("", _("All")),
    ("provisioned", _("Provisioned")),
    ("pending_customer", _("Waiting for the customer")),
    ("generated", _("Generated")),
    ("suspended", _("Suspended")),
    ("expired", _("Expired")),
    ("revoked", _("Revoked")),
]
CURRENCIES = [(code, code) for code in ("EUR", "USD", *sorted(money.CURRENCIES - {"EUR", "USD"}))]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LicenseFilter(FilterForm):
    q = forms.CharField(label=_("License, customer or opportunity"), max_length=100, widget=SearchInput)
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES)
    product = forms.ChoiceField(label=_("Product"), widget=LongSelect)

    def __init__(self, query: Mapping[str, Any], products: Iterable[Product]) -> None:
        super().__init__(query, {"product": [(product.id, product.name) for product in products]})


def quantity(label: Any, least: int, help_text: Any = "", **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=terms.MOST_LICENSES, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **options,
    )  # fmt: skip


def amount(label: Any, help_text: Any = "", **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=2, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}), **options,
    )  # fmt: skip


def day(label: Any, help_text: Any = "", **options: Any) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=DayInput(), **options)


class TermsPart(PageForm):
    """Quantities and prices, the same for a new license and an amended one."""

    for_people: ClassVar[Mapping[tuple[str, str], Any]] = {
        ("commit_qty", "too_many"): _(
            "More than the licenses in all. Commit at most %(total)s, or sell more licenses."
        ),
        ("max_overage", "too_many"): _(
            "More than committed seats leave of the licenses in all. Allow at most %(most)s, or sell more licenses."
        ),
        ("max_overage", "unused_seats"): _(
            "%(unused)s of the licenses in all are neither committed nor overage: nobody could use them."
            " Raise one of the two, or tick below that it is meant so."
        ),
        ("end_date", "before_start"): _("The contract begins on %(start)s. It can't end before that."),
        ("end_date", "past"): _("This day is over, and nothing is changed backwards. Take today or a later one."),
        ("", "required"): _("Nothing is changed yet. Change a term, then see what it does."),
    }

    total_licenses = quantity(_("Licenses in all"), 1, _("Never more seats at once than this."))
    commit_qty = quantity(_("Committed"), 0, _("Prepaid seats: the monthly fee pays for them, used or not."))
    max_overage = quantity(_("Overage at most"), 0, _("Further seats at once, charged each time one is taken."))
    allow_unused_seats = forms.BooleanField(
        label=_("Committed and overage may together be fewer than the licenses in all"), required=False
    )
    commit_fee_monthly = amount(_("Commit fee a month"))
    overage_per_use = amount(_("Price of an overage checkout"))


class OrderForm(TermsPart):
    """A deal, as `vendors.terms.Order` has it."""

    field_of_code: ClassVar[Mapping[str, str]] = {
        "account_conflict": "tenant_id", "customer_not_active": "tenant_id", "opportunity_conflict": "crm_opportunity_id",
        "plan_limit_reached": "auto_provision",
    }  # fmt: skip
    for_people: ClassVar[Mapping[tuple[str, str], Any]] = {
        **TermsPart.for_people,
        ("tenant_id", "account_conflict"): _(
            "%(account)s is linked to the tenant %(tenant)s. Write that tenant, or another CRM account."
        ),
        ("crm_opportunity_id", "opportunity_conflict"): _(
            "This opportunity has a license with other content. Amend that license, or write another opportunity."
        ),
        ("auto_provision", "plan_limit_reached"): _(
            "The customer's plan has no room for it now. Untick this to generate it all the same,"
            " and provision it when the customer has a larger plan."
        ),
    }
    api_names: ClassVar[Mapping[str, str]] = {
        "customer.tenant_id": "tenant_id", "customer.crm_account_id": "crm_account_id", "customer.name": "customer_name",
        "product.id": "product_id", "product.name": "product_name", "product.version": "version",
        "entitlement.total_licenses": "total_licenses", "entitlement.commit_qty": "commit_qty",
        "entitlement.max_overage": "max_overage", "entitlement.pricing.commit_fee_monthly": "commit_fee_monthly",
        "entitlement.pricing.overage_per_use": "overage_per_use", "entitlement.pricing.currency": "currency",
        "contract.start_date": "start_date", "contract.end_date": "end_date",
    }  # fmt: skip

    customer_name = forms.CharField(label=_("Company"), max_length=255)
    crm_account_id = forms.CharField(
        label=_("CRM account"), max_length=100, help_text=_("The id this customer has in your CRM, such as ACC-98765.")
    )
    tenant_id = forms.CharField(
        label=_("Tenant"),
        max_length=40,
        help_text=_("The customer's subdomain. It need not exist yet: the license waits for it."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    contact_email = forms.EmailField(
        label=_("Who is told"), max_length=254, required=False, help_text=_("Gets a mail when the license has arrived.")
    )
    product_id = forms.ChoiceField(label=_("Product"), widget=LongSelect)
    version = forms.CharField(
        label=_("Versions"), max_length=100, required=False, help_text=_("Such as >=8.0.0; empty: as in the catalogue.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    start_date = day(_("First day"))
    end_date = day(_("Last day"))
    auto_renew = forms.BooleanField(label=_("Renews itself by its own length"), required=False, initial=True)
    auto_provision = forms.BooleanField(
        label=_("Put it into the customer's tenant at once"), required=False, initial=True
    )
    crm_opportunity_id = forms.CharField(
        label=_("Opportunity"),
        max_length=100,
        help_text=_("The deal's id in your CRM. One opportunity is one license."),
    )

    def __init__(self, *args: Any, products: Iterable[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("product_id", [(product.id, product.name) for product in products])

    @staticmethod
    def beginning() -> dict[str, Any]:
        """What an empty form starts with: a year from the next month on, under a number of our own."""
        first = (clock.today().replace(day=28) + timedelta(days=4)).replace(day=1)
        last = date(first.year + 1, first.month, 1) - timedelta(days=1)
        return {
            "start_date": first,
            "end_date": last,
            "currency": "EUR",
            "crm_opportunity_id": ids.new_id("portal", length=8),
        }

    def clean_tenant_id(self) -> str:
        return str(self.cleaned_data["tenant_id"]).lower()

    def order(self) -> terms.Order:
        said = self.cleaned_data
        return terms.Order(
            crm_opportunity_id=said["crm_opportunity_id"],
            customer=terms.Customer(said["crm_account_id"], said["customer_name"], said["tenant_id"], said["contact_email"]),
            product=terms.Ware(said["product_id"], version=said["version"]),
            entitlement=terms.Entitlement(
                said["total_licenses"], said["commit_qty"], said["max_overage"], said["commit_fee_monthly"],
                said["overage_per_use"], said["currency"], allow_unused_seats=said["allow_unused_seats"],
            ),
            contract=terms.Contract(said["start_date"], said["end_date"], auto_renew=said["auto_renew"]),
            auto_provision=said["auto_provision"],
        )  # fmt: skip


class AmendForm(TermsPart):
    """Begins as the license is; what comes back is taken whole, and what has not changed changes nothing."""

    api_names: ClassVar[Mapping[str, str]] = {
        name: field for name, field in OrderForm.api_names.items() if name.startswith(("entitlement", "contract"))
    }
    end_date = day(_("Last day"))
    auto_renew = forms.BooleanField(label=_("Renews itself by its own length"), required=False)

    @staticmethod
    def as_it_is(license: IssuedLicense) -> dict[str, Any]:
        names = (*lifecycle.QUANTITIES, *lifecycle.PRICES, *lifecycle.DURATION)
        unused = license.commit_qty + license.max_overage < license.total_licenses
        return {name: getattr(license, name) for name in names} | {"allow_unused_seats": unused}

    def amendment(self, license: IssuedLicense) -> lifecycle.Amendment:
        before = self.as_it_is(license)
        said = {name: value for name, value in self.cleaned_data.items() if value != before[name]}
        return lifecycle.Amendment(**said | {"allow_unused_seats": self.cleaned_data["allow_unused_seats"]})


class ProvisionForm(PageForm):
    email = forms.EmailField(label=_("Who is told"), max_length=254, required=False)
    message = forms.CharField(
        label=_("What you want to add"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class FeatureLines(Lines):
    """Names of features, one a line."""

    NAME = re.compile(r"[^\s,]{1,100}")

    def clean(self, value: Any) -> Any:
        names = super().clean(value)
        if wrong := [name for name in names if not self.NAME.fullmatch(name)]:
            raise forms.ValidationError(_("Too long: %(name)s."), params={"name": wrong[0][:60]})
        return names
