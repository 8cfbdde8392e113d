"""Content-Security-Policy on every answer: our own files only, no inline script or style, no framing, no foreign form target.

A view that must differ says so with `policy(...)`; two do: the interactive API documentation and the mail viewer's frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

HEADER = "Content-Security-Policy"
STRICT = {
    "default-src": "'self'",
    "img-src": "'self' data:",  # Tabler's CSS carries its small pictures in itself
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class ContentSecurityPolicyMiddleware:
    """Sets the strict policy, unless the view has set another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, rendered(STRICT))
        return response


def policy(**changes: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorates a view: `@policy(style_src="'self' 'unsafe-inline'")` changes these directives of the strict policy alone."""
    directives = STRICT | {name.replace("_", "-"): value for name, value in changes.items()}

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> HttpResponse:
            response = view(*args, **kwargs)
            response.headers[HEADER] = rendered(directives)
            return response

        return answer

    return decorate


def rendered(directives: dict[str, str]) -> str:
    """A directive without a value (`sandbox`) stands alone."""
    return "; ".join(f"{name} {value}".strip() for name, value in directives.items())
