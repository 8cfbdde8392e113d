"""Pages that belong to no app: the front page, guides, problem codes, and the mail sink of a development machine.

All of them are for strangers: nothing here is anybody's data, and the mail sink exists on nobody's server.
"""

from __future__ import annotations

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from cloudlicenses import dev_mail
from cloudlicenses.problem_types import problem_types
from cloudlicenses.security_txt import security_txt
from cloudlicenses.web import csp, docs
from cloudlicenses.web.access import for_anyone
from tenants.plans import PLANS

MAIL_POLICY = {
    "default_src": "'none'",
    "style_src": "'unsafe-inline'",  # mail is styled in no other way; the sandbox lets nothing else happen
    "img_src": "data:",
    "form_action": "'none'",
    "frame_ancestors": "'self'",
    "sandbox": "allow-popups allow-popups-to-escape-sandbox",
}


# 5 commit seats in use, 4 of 15 overage seats: where each stands and what it is.
EXAMPLE_SEATS = [(10 * n, "commit-used" if n < 5 else "overage-used" if n < 9 else "overage-free") for n in range(20)]
EXAMPLE_PRICE = Decimal("500.00")  # of each of these four


@require_safe
@for_anyone
def landing(request: HttpRequest) -> HttpResponse:
    """The front page, for strangers."""
    facts = {
        "has_mail": dev_mail.is_kept(), "plans": PLANS.values(),
        "hero_seats": EXAMPLE_SEATS, "hero_price": EXAMPLE_PRICE, "hero_cost": 4 * EXAMPLE_PRICE,
    }  # fmt: skip
    return render(request, "landing.html", facts)


@require_safe
@for_anyone
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Written guides, the same on every host."""
    known = docs.guides()
    if slug not in known:
        raise Http404
    facts = {"guide": known[slug], "guides": known.values(), "html": docs.html_of(known[slug]), "section": "docs"}
    return render(request, "docs/guide.html", facts)


@require_safe
@for_anyone
def security(request: HttpRequest) -> HttpResponse:
    """How customers are protected and how to report a hole: for strangers, who want to know before they are customers."""
    return guide(request, "security")


@require_safe
@for_anyone
def security_contact(request: HttpRequest) -> HttpResponse:
    """Where to tell of a hole, for whoever found one."""
    return HttpResponse(security_txt(), content_type="text/plain; charset=utf-8")


@require_safe
@for_anyone
def problem_codes(request: HttpRequest) -> HttpResponse:
    """Every code of every refusal: public, as the API is."""
    return render(request, "docs/problems.html", {"types": problem_types().values()})


@require_safe
@for_anyone
def problem_code(request: HttpRequest, code: str) -> HttpResponse:
    """Where `type` of a problem document leads."""
    known = problem_types().get(code)
    if known is None:
        raise Http404
    return render(request, "docs/problem_type.html", {"problem_type": known})


@require_safe
@for_anyone
def mails(request: HttpRequest) -> HttpResponse:
    """What the mail sink of a development machine holds; there is none anywhere else."""
    return render(request, "dev/mails.html", {"letters": dev_mail.letters()})


@require_safe
@for_anyone
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One message of the sink."""
    return render(request, "dev/mail.html", {"letter": dev_mail.letter(name)})


@require_safe
@xframe_options_sameorigin
@csp.policy(**MAIL_POLICY)
@for_anyone
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """A message's HTML alone, for the frame: it may show itself and open links in new tabs, and that is all."""
    letter = dev_mail.letter(name)
    return HttpResponse('<base target="_blank">' + (letter.html or f"<pre>{escape(letter.text)}</pre>"))
