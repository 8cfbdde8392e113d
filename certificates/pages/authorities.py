"""Certificate authorities for a tenant's people: one of their own uploaded, its revocation list, ours renewed, any removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certificates import authorities, lists, queries, uploading
from certificates.forms import AuthorityForm, ListForm
from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.web.people import actor_of, needs

BACK = "/certificates"


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def upload(request: HttpRequest) -> HttpResponse:
    form = AuthorityForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            uploading.upload(actor_of(request), form.cleaned_data["certificates"])
            messages.success(request, _("Certificates of this authority are trusted from now on."))
            return HttpResponseRedirect(BACK)
        except Refusal as refusal:
            form.blame(refusal)
    facts = {"form": form, "section": "certificates"}
    return render(request, "certificates/upload.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def revocations(request: HttpRequest, authority_id: str) -> HttpResponse:
    authority = queries.authority_for(authority_id)
    if authority.is_ours:
        raise NotFound("This authority is ours: it knows what was revoked.")
    form = ListForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            taken = lists.take_list(actor_of(request), authority_id, form.cleaned_data["crl"].encode())
            told = _("The list is in force: %(count)s certificates of this authority are refused.")
            messages.success(request, told % {"count": len(taken.revoked_serials)})
            return HttpResponseRedirect(BACK)
        except Refusal as refusal:
            form.blame(refusal)
    facts = {"form": form, "authority": authority, "section": "certificates"}
    return render(request, "certificates/revocations.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def rotate(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _rotated(request)
    explanation = _(
        "A new authority issues certificates from now on. What the present one has issued goes on working, until you remove it."
        " When its key may be known to others, remove it as soon as every machine has a new certificate."
    )
    facts = {"title": _("Make a new authority?"), "action": _("Make it"), "explanation": explanation, "is_gentle": True}
    return render(request, "confirm.html", {"back": BACK, "section": "certificates", **facts})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def remove(request: HttpRequest, authority_id: str) -> HttpResponse:
    authority = queries.authority_for(authority_id)
    if request.method == "POST":
        authorities.remove(actor_of(request), authority_id)
        messages.success(request, _("The authority is trusted no longer."))
        return HttpResponseRedirect(BACK)
    explanation = _(
        "Every certificate that it has issued is refused within a second, and so are those of authorities below it."
        " Machines whose keys ask for a certificate can't take seats until they have one of another authority."
    )
    question = {"title": _("Remove this authority?"), "action": _("Remove it"), "explanation": explanation}
    facts = [(_("Authority"), authority.subject), (_("Fingerprint (SHA-256)"), authority.fingerprint)]
    return render(request, "confirm.html", {"facts": facts, "back": BACK, "section": "certificates", **question})


def _rotated(request: HttpRequest) -> HttpResponse:
    try:
        authorities.rotate(actor_of(request))
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
    else:
        messages.success(request, _("The new authority issues from now on."))
    return HttpResponseRedirect(BACK)
