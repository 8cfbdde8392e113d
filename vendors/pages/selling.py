"""Selling a license: the deal, then its price in plain words, and only then the license.

Both steps are one form. What was written travels through the second step as it was and is judged again there: between looking and
agreeing nothing can change. Agreeing twice is agreeing once: one opportunity is one license.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from vendors import customers, issuing, queries, terms
from vendors.faces import asked, in_portal
from vendors.forms.licenses import OrderForm
from vendors.models import CrmAccount, IssuedLicense, Vendor
from vendors.quotes import quote

MOST_OFFERED = 300  # to begin with; any other can be typed


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def generate(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """GET may name a customer (`?account=`) or a product; POST shows the price first, and with `agreed` makes the license."""
    products = list(queries.products_of(vendor.id).order_by("name", "id"))
    if request.method != "POST":
        known = queries.accounts_of(vendor.id).order_by("customer_name", "id")[:MOST_OFFERED]
        return _ask(request, vendor, OrderForm(initial=_beginning(request, vendor), products=products), known=known)
    form = OrderForm(request.POST, products=products)
    if not form.is_valid():
        return _ask(request, vendor, form, status=422)
    try:
        if request.POST.get("step") == "agreed":
            return _make(request, vendor, form.order())
        if request.POST.get("step") == "back":
            return _ask(request, vendor, OrderForm(initial=form.cleaned_data, products=products))
        return _show_price(request, vendor, form)
    except Refusal as refusal:
        form.blame(refusal)
        return _ask(request, vendor, form, status=STATUS[refusal.kind])


def _ask(
    request: HttpRequest, vendor: Vendor, form: OrderForm, status: int = 200, known: Iterable[CrmAccount] = ()
) -> HttpResponse:
    """`known` are customers that one can begin with."""
    facts = {"form": form, "vendor": vendor, "known": known, "section": "licenses"}
    return render(request, "vendors/licenses/generate.html", facts, status=status)


def _show_price(request: HttpRequest, vendor: Vendor, form: OrderForm) -> HttpResponse:
    order = form.order()
    terms.check(order)
    product = queries.products_of(vendor.id).get(id=order.product.id)
    facts = {
        "form": form, "order": order, "product": product, "vendor": vendor, "quote": quote(order.entitlement, order.contract),
        "customer": customers.find(vendor.id, tenant_id=order.customer.tenant_id), "section": "licenses",
    }  # fmt: skip
    return render(request, "vendors/licenses/price.html", facts)


def _make(request: HttpRequest, vendor: Vendor, order: terms.Order) -> HttpResponse:
    license = issuing.generate(actor_of(request), vendor.id, order).license
    messages.success(request, _outcome(license))
    return HttpResponseRedirect(f"/licenses/{license.id}")


def _outcome(license: IssuedLicense) -> str:
    name = {"name": license.account.customer_name}
    if license.provisioned_at:
        return _("The license is in the tenant of %(name)s.") % name
    if license.status == IssuedLicense.Status.PENDING_CUSTOMER:
        return _("The license waits for %(name)s and arrives by itself when the company has its tenant.") % name
    return _("The license is generated. Provision it when %(name)s shall have it.") % name


def _beginning(request: HttpRequest, vendor: Vendor) -> dict[str, Any]:
    begun = OrderForm.beginning() | {"auto_provision": vendor.auto_provisioning}
    if product_id := asked(request, "product"):
        begun["product_id"] = product_id
    account = queries.accounts_of(vendor.id).filter(crm_account_id=asked(request, "account")).first()
    if account is None:
        return begun
    return begun | {
        "customer_name": account.customer_name, "crm_account_id": account.crm_account_id,
        "tenant_id": account.tenant_id, "contact_email": account.contact_email,
    }  # fmt: skip
