"""Who is signed in on a page: what they may see, and what the audit log will call them.

A page says `@needs(...)`, or `@for_anyone` (access.py). Rights are those of accounts/roles.py; this module only
asks the signed-in person, so that it can stand below the apps.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor

View = Callable[..., HttpResponseBase]
CONFIRMED_AT = "confirmed_at"


def needs(
    right: str, *, strangers_see: View | None = None, confirmed: bool = False, while_enrolling: bool = False
) -> Callable[[View], View]:
    """Who lacks the right gets a 403. Strangers are sent to sign in and come back, or see another view here. No cache keeps it.

    `confirmed`: for dangerous acts, whoever hasn't proved lately who they are is asked again. `while_enrolling`: open also to
    those whose role needs a second factor and who have none yet; everywhere else they are sent to add one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return strangers_see(request, *args, **kwargs) if strangers_see else to_sign_in(request)
            if not request.user.may(right):
                raise PermissionDenied
            request.is_enrolling = request.user.must_enrol
            if request.is_enrolling and not while_enrolling:
                return HttpResponseRedirect(reverse("security"))
            if confirmed and not is_confirmed(request):
                return _to("confirm", request)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        guarded.needed_right = right  # type: ignore[attr-defined]  # access.py reads it
        guarded.strangers_see = strangers_see  # type: ignore[attr-defined]  # a test reads it
        return guarded

    return decorate


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the visitor has proved lately who they are. A form that was opened in time may be sent a while later."""
    minutes = settings.CONFIRMED_MINUTES * (1 if request.method == "GET" else 2)
    at: float = request.session.get(CONFIRMED_AT, 0.0)
    return clock.now().timestamp() - at < minutes * 60


def to_sign_in(request: HttpRequest) -> HttpResponse:
    return _to("login", request)


def _to(name: str, request: HttpRequest) -> HttpResponse:
    """And back afterwards: to where they were going, if going there changes nothing, else to the page whose form they sent."""
    back = request.get_full_path() if request.method == "GET" else _page_before(request)
    return HttpResponseRedirect(reverse(name) + ("?" + urlencode({"next": back}) if back else ""))


def _page_before(request: HttpRequest) -> str:
    """The address, on this very host, of the page that sent this request; empty when the browser doesn't say."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def safe_next(request: HttpRequest, default: str) -> str:
    """Where `next` points, if that is on this very host; else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    same_host = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure())
    return target if same_host and target.startswith("/") else default


def actor_of(request: HttpRequest, *, label: str = "") -> Actor:
    """The signed-in person, or a stranger (who says to be `label`), as the audit log will name them."""
    user = request.user
    known = {"kind": "anonymous", "label": label}
    if user.is_authenticated:
        kind = "operator" if user.may("platform:manage") else "user"
        known = {"kind": kind, "id": str(user.pk), "label": user.email}
    return Actor(
        **known,
        ip=getattr(request, "client_ip", ""),
        user_agent=request.headers.get("User-Agent", ""),
        request_id=getattr(request, "id", ""),
    )
