"""In which language a request is answered: pages in the browser's, among those we speak; programs always in English.

The language in a person's own profile wins (accounts/faces.py). Nothing of it outlasts the answer.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from cloudlicenses.web.problems import is_for_programs


class LanguageMiddleware:
    """Chooses the language until the request is answered, and tells caches what the choice depends on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_for_programs(request):
            return self._in(settings.LANGUAGE_CODE, request)
        response = self._in(translation.get_language_from_request(request), request)
        patch_vary_headers(response, ("Accept-Language",))
        return response

    def _in(self, language: str, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
