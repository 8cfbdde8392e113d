"""What the link in a mail leads to: a question, and after the button was pressed, a revoked key."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts import revoking, wording
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.people import actor_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def revoke_key(request: HttpRequest, secret: str) -> HttpResponse:
    """For whoever holds the link, signed in or not: it was sent to one person who may revoke keys. Looking changes nothing."""
    is_done = request.method == "POST"
    offer = revoking.use(secret, actor=actor_of(request)) if is_done else revoking.find(secret)
    facts = {"offer": offer, "summary": wording.summary(offer.alert), "is_done": is_done}
    return render(request, "alerts/revoke.html", facts)
