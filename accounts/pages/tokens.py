"""One's own personal tokens: a new one, shown once; the list; revoking. On a tenant's host only."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import tokens
from accounts.faces import visitor
from accounts.forms import TokenForm
from accounts.pages.tabs import account_tabs
from accounts.roles import OWN
from cloudlicenses.kit import clock
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.rights import right_in_words


@require_safe
@needs("account:manage")
def token_list(request: HttpRequest) -> HttpResponse:
    user, now = visitor(request), clock.now()
    rows = [
        {
            "token": token,
            "state": tokens.state_of(token, now),
            "may": [] if user.rights - OWN <= set(token.scopes) else [right_in_words(right) for right in token.scopes],
        }
        for token in tokens.tokens_of(user)
    ]
    facts = {"rows": rows, "tabs": account_tabs(request, "tokens"), "section": "account"}
    return render(request, "accounts/tokens.html", facts)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", confirmed=True)
def create(request: HttpRequest) -> HttpResponse:
    user = visitor(request)
    form = TokenForm(request.POST or None, rights=user.rights - OWN)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        token, text = tokens.issue(
            user, said["name"], scopes=said["scopes"], expires_at=form.expires_at(), actor=actor_of(request)
        )
        return render(
            request, "accounts/token_created.html", {"token": token, "text": text, "section": "account"}, status=201
        )
    return render(
        request, "accounts/token.html", {"form": form, "section": "account"}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage")
def revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    token = tokens.token_of(visitor(request), token_id)
    if request.method == "POST":
        tokens.revoke(visitor(request), token_id, actor=actor_of(request))
        messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
        return HttpResponseRedirect(reverse("tokens"))
    facts = {
        "title": _("Revoke “%(name)s”?") % {"name": token.name},
        "explanation": _(
            "Whatever uses it is refused from now on. That can't be undone; a new token is made in a minute."
        ),
        "action": _("Revoke it"),
        "back": reverse("tokens"),
        "section": "account",
    }
    return render(request, "confirm.html", facts)
