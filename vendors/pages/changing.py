"""What becomes of a license by hand: amended after a look at what that does, suspended, resumed, revoked, renewed, provisioned."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from cloudlicenses.web.speaking import in_readers_way
from cloudlicenses.web.templatetags.pages import money
from vendors import contracts, customer_side, lifecycle, previews, provisioning, queries
from vendors.faces import in_portal
from vendors.forms.licenses import AmendForm, ProvisionForm
from vendors.models import IssuedLicense, Vendor


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def amend(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    """POST shows what it would do; with `agreed` it does it."""
    license = queries.license_for(vendor.id, license_id)
    form = AmendForm(request.POST or None, initial=AmendForm.as_it_is(license))
    status, facts = 200, {"form": form, "license": license, "vendor": vendor, "section": "licenses"}
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if request.POST.get("step") == "agreed":
                    return _amended(request, vendor, license, form)
                if request.POST.get("step") != "back":
                    seen = previews.preview(vendor.id, license_id, form.amendment(license))
                    if seen.changes:
                        return render(request, "vendors/licenses/preview.html", facts | _effects(seen, form))
                status = 200
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return render(request, "vendors/licenses/amend.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def suspend(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    license = queries.license_for(vendor.id, license_id)
    if request.method == "POST":
        lifecycle.suspend(actor_of(request), vendor.id, license_id)
        return _done(request, license, _("The license is suspended."))
    seats = customer_side.seats_in_use(license)
    question = {
        "title": _("Suspend this license?"),
        "explanation": _(
            "New checkouts are refused at once. Whoever holds a seat may keep and return it. Resuming brings everything back."
        ),
        "cost": _("The commit fee of %(fee)s a month goes on.")
        % {"fee": money(license.commit_fee_monthly, license.currency)},
        "action": _("Suspend it"),
    }
    return _question(request, vendor, license, seats, question)


@require_POST
@in_portal("contracts:manage")
def resume(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    license = lifecycle.resume(actor_of(request), vendor.id, license_id)
    return _done(request, license, _("The license can be used again."))


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def revoke(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    license = queries.license_for(vendor.id, license_id)
    if request.method == "POST":
        lifecycle.revoke(actor_of(request), vendor.id, license_id)
        return _done(request, license, _("The license is revoked."))
    seats = customer_side.seats_in_use(license)
    question = {
        "title": _("Revoke this license for good?"),
        "explanation": ngettext(
            "%(count)d seat in use ends now: whoever works with it is stopped at the next heartbeat. It can't be undone.",
            "%(count)d seats in use end now: whoever works with them is stopped at the next heartbeat. It can't be undone.",
            seats.all,
        )
        % {"count": seats.all},
        "cost": _("No further commit fee of %(fee)s is charged from next month on. What was used stays on the bill.")
        % {"fee": money(license.commit_fee_monthly, license.currency)},
        "action": _("Revoke it"),
    }
    return _question(request, vendor, license, seats, question)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def renew(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    """One more term."""
    license = queries.license_for(vendor.id, license_id)
    if request.method == "POST":
        renewed = lifecycle.renew(actor_of(request), vendor.id, license_id)
        return _done(
            request, renewed, _("The contract runs until %(day)s.") % {"day": in_readers_way(renewed.end_date)}
        )
    until = contracts.next_end(license.start_date, license.first_end_date or license.end_date, license.end_date)
    question = {
        "title": _("Renew this contract?"),
        "explanation": _("It goes on by its own length, until %(day)s, with the same terms.")
        % {"day": in_readers_way(until)},
        "cost": _("The commit fee of %(fee)s a month goes on.")
        % {"fee": money(license.commit_fee_monthly, license.currency)},
        "action": _("Renew it"),
        "is_gentle": True,
    }
    return _question(request, vendor, license, customer_side.seats_in_use(license), question)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def provision(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    license = queries.license_for(vendor.id, license_id)
    form = ProvisionForm(request.POST or None, initial={"email": license.account.contact_email})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                told = provisioning.Notification(**form.cleaned_data)
                done = provisioning.provision(actor_of(request), vendor.id, license_id, notification=told)
                return _done(request, license, _arrived(done.license))
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    facts = {"form": form, "license": license, "vendor": vendor, "section": "licenses"}
    return render(request, "vendors/licenses/provision.html", facts, status=status)


def _effects(seen: previews.Preview, form: AmendForm) -> dict[str, Any]:
    """Each change in words: what it is about, as it is, as it would be."""
    currency = seen.license.currency

    def told(name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return money(value, currency) if name in lifecycle.PRICES else in_readers_way(value)

    changes = [
        (form.fields[name].label, told(name, before), told(name, after))
        for name, (before, after) in seen.changes.items()
    ]
    return {"preview": seen, "changes": changes}


def _amended(request: HttpRequest, vendor: Vendor, license: IssuedLicense, form: AmendForm) -> HttpResponse:
    lifecycle.amend(actor_of(request), vendor.id, license.id, form.amendment(license))
    return _done(request, license, _("The new terms hold from the next checkout on."))


def _arrived(license: IssuedLicense) -> str:
    if license.provisioned_at:
        return _("The license is in the customer's tenant, and the customer is told.")
    return _("The license waits for the customer and arrives by itself.")


def _question(
    request: HttpRequest,
    vendor: Vendor,
    license: IssuedLicense,
    seats: customer_side.SeatsInUse,
    question: dict[str, Any],
) -> HttpResponse:
    facts = [
        (_("License"), license.id),
        (_("Customer"), license.account.customer_name),
        (_("Product"), license.product.name),
        (_("In use now"), seats.all),
    ]
    whole = {"facts": facts, "back": f"/licenses/{license.id}", "vendor": vendor, "section": "licenses", **question}
    return render(request, "confirm.html", whole)


def _done(request: HttpRequest, license: IssuedLicense, text: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(f"/licenses/{license.id}")
