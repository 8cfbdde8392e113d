"""What pages of every app may ask about their visitor, and what is done for the visitor of any page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from accounts.models import User
from accounts.signing_in import note_presence


def visitor(request: HttpRequest) -> User:
    """The person signed in, for views that `@needs(...)` guards."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class VisitorMiddleware:
    """Whoever is signed in reads in their language and time zone, and their session says where and when it was in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, User):
            return self.get_response(request)
        note_presence(request)
        with ExitStack() as until_answered:
            if language := getattr(request.user, "language", ""):  # a session that lasted for too long has just ended
                until_answered.enter_context(translation.override(language))
                request.LANGUAGE_CODE = language
            if zone := getattr(request.user, "time_zone", ""):
                until_answered.enter_context(timezone.override(zone))
            return self.get_response(request)
