"""Refusals as RFC 9457 problem documents, or as pages for people. The only file that knows status numbers of refusals.

Three doors use `problem()`: DRF's exception handler, the middleware for everything else, and the urlconfs' error handlers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from rest_framework import exceptions as drf

from cloudlicenses.kit.refusals import Busy, FieldError, InvalidInput, Kind, Refusal, gettext_noop
from cloudlicenses.web.requests import TOO_LARGE
from cloudlicenses.web.speaking import in_readers_words

STATUS = {
    Kind.MALFORMED: 400,
    Kind.INVALID: 422,
    Kind.UNKNOWN_CALLER: 401,
    Kind.PAYMENT_DUE: 402,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.CONFLICT: 409,
    Kind.RATE_LIMITED: 429,
    Kind.BUSY: 503,
}
PASSING = (429, 500, 503)
OF_A_LINK = ("invitation_", "reset_", "revoke_link_")  # out of a mail: what these say is all there is to say
TYPE_BASE = "https://cloudlicenses.com/problems/"
MEDIA_TYPE = "application/problem+json"

# What goes wrong before a story is reached: status, code, title.
BEFORE_THE_STORY: dict[type[Exception], tuple[int, str, str]] = {
    drf.ParseError: (400, "malformed_request", gettext_noop("The body is not valid JSON.")),
    drf.NotAuthenticated: (401, "not_authenticated", gettext_noop("Sign in, or send a key or a token.")),
    drf.AuthenticationFailed: (401, "not_authenticated", gettext_noop("Sign in, or send a key or a token.")),
    drf.PermissionDenied: (403, "forbidden", gettext_noop("You may not do that.")),
    PermissionDenied: (403, "forbidden", gettext_noop("You may not do that.")),
    drf.NotFound: (404, "not_found", gettext_noop("There is nothing here.")),
    Http404: (404, "not_found", gettext_noop("There is nothing here.")),
    drf.MethodNotAllowed: (405, "method_not_allowed", gettext_noop("This method is not for this address.")),
    drf.NotAcceptable: (406, "not_acceptable", gettext_noop("The answer can't be had in that format.")),
    RequestDataTooBig: (413, "body_too_large", gettext_noop("The body is too large.")),
    drf.UnsupportedMediaType: (415, "unsupported_media_type", gettext_noop("Send the body as application/json.")),
    drf.Throttled: (429, "rate_limited", gettext_noop("Too many requests. Wait a moment.")),
    BadRequest: (400, "malformed_request", gettext_noop("The request can't be understood.")),
    SuspiciousOperation: (400, "malformed_request", gettext_noop("The request can't be understood.")),
}

log = structlog.get_logger("problem")


def problem(refusal: Refusal, *, path: str, request_id: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, document and headers for a refusal."""
    status = STATUS[refusal.kind]
    document = document_of(status, refusal.code, refusal.title, refusal.detail, path=path, request_id=request_id)
    document.update(refusal.facts)
    if refusal.errors:
        document["errors"] = [error.as_json() for error in refusal.errors]
    return status, document, _headers(status, refusal)


def document_of(status: int, code: str, title: str, detail: str, *, path: str, request_id: str) -> dict[str, Any]:
    return {
        "type": TYPE_BASE + code,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(path),
        "code": code,
        "request_id": request_id,
    }


def answer(request: HttpRequest, status: int, document: dict[str, Any], headers: dict[str, str]) -> HttpResponse:
    """The document itself to programs, a page that says the same to people."""
    response: HttpResponse
    if is_for_programs(request):
        response = JsonResponse(
            document, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
        )
    else:
        facts = {
            "problem": _for_people(document),
            "passing": PASSING,
            "is_of_a_link": document["code"].startswith(OF_A_LINK),
            "start": _start_of(request),
        }
        response = render(request, "problem.html", facts, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


def _start_of(request: HttpRequest) -> str:
    """Operators have their pages beside the front page, on the same host."""
    return "/operator/" if request.path.startswith("/operator/") else "/"


def _for_people(document: dict[str, Any]) -> dict[str, Any]:
    """In the reader's language, as far as it was marked for translation."""
    errors = [error | {"message": in_readers_words(error["message"])} for error in document.get("errors", ())]
    return document | {
        "title": gettext(document["title"]),
        "detail": in_readers_words(document["detail"]),
        "errors": errors,
    }


def is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/.well-known/", "/packages/", "/metrics", "/healthz", "/readyz"))


class ProblemMiddleware:
    """Whatever a view raises becomes a problem document or page; only a defect becomes a 500, without a word of its cause."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path:  # nothing of ours has such an address, and PostgreSQL can't be asked for one
            return not_found(request)
        if TOO_LARGE in request.META.get("asgi.scope", ()):
            refused = from_exception(request, RequestDataTooBig())
            refused["Connection"] = "close"  # the rest of it is still to come
            return refused
        answered = self.get_response(request)
        return _not_allowed(request, answered) if isinstance(answered, HttpResponseNotAllowed) else answered

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        return from_exception(request, error)


def from_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    request_id = getattr(request, "id", "")
    if isinstance(error, Refusal):
        log.info("refused", code=error.code)
        return answer(request, *problem(error, path=request.path, request_id=request_id))
    for kind, (status, code, title) in BEFORE_THE_STORY.items():
        if isinstance(error, kind):
            detail = str(getattr(error, "detail", "") or title)
            document = document_of(status, code, title, detail, path=request.path, request_id=request_id)
            return answer(request, status, document, _headers(status, error))
    log.error("defect", exc_info=error)
    return internal_error(request)


def _not_allowed(request: HttpRequest, refused: HttpResponseNotAllowed) -> HttpResponse:
    """Django's own answer to another method than a page's has nothing in it, and browsers show a page of theirs for it."""
    status, code, title = BEFORE_THE_STORY[drf.MethodNotAllowed]
    document = document_of(status, code, title, title, path=request.path, request_id=getattr(request, "id", ""))
    return answer(request, status, document, {"Allow": refused["Allow"]})


def drf_exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's own validation errors become `invalid_input` with a line per field; all else as everywhere."""
    request: HttpRequest = context["request"]._request
    if isinstance(error, drf.ValidationError):
        error = invalid_input(error)
    return from_exception(request, error)


def invalid_input(error: drf.ValidationError) -> Refusal:
    return InvalidInput(errors=list(_field_errors(error.get_full_details(), "")))


def _field_errors(details: Any, path: str) -> list[FieldError]:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        return [FieldError(path, str(details["code"]), str(details["message"]))]
    if isinstance(details, dict):
        pairs = [(f"{path}.{name}".strip("."), inner) for name, inner in details.items()]
        return [
            found for name, inner in pairs for found in _field_errors(inner, name.removesuffix(".non_field_errors"))
        ]
    return [found for inner in details for found in _field_errors(inner, path)]


def _headers(status: int, error: Exception) -> dict[str, str]:
    if isinstance(error, Busy):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, drf.Throttled):
        return {"Retry-After": str(int(getattr(error, "wait", None) or 1))}
    if isinstance(error, Refusal) and error.kind is Kind.RATE_LIMITED:
        return {"Retry-After": str(error.facts.get("retry_after", 1))}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return from_exception(request, Http404())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return from_exception(request, exception if isinstance(exception, SuspiciousOperation) else BadRequest())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return from_exception(request, PermissionDenied())


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without our token: opened long ago, sent without cookies, or sent by somebody else's page."""
    title = gettext_noop("This form was open for too long, or cookies are off.")
    document = document_of(403, "form_expired", title, title, path=request.path, request_id=request.id)
    return answer(request, 403, document, {})


def internal_error(request: HttpRequest) -> HttpResponse:
    title = gettext_noop("Something went wrong on our side. Nothing was changed; please try again.")
    document = document_of(
        500, "internal_error", title, title, path=request.path, request_id=getattr(request, "id", "")
    )
    return answer(request, 500, document, {})
