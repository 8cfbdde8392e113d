"""From an answer that is not a success to the exception that says so.

The code picks the class; without a known code the status does. A body that is no problem document (a proxy's page) still
becomes an `ApiError` with the status, and never shows the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from . import _refusals
from ._errors import ApiError, Problem, RefusedError, ServerBusyError, ServerError, UnexpectedAnswerError
from ._wire import Answer

_STANDARD_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}

_BY_STATUS: dict[int, type[ApiError]] = {
    400: _refusals.BadRequestError,
    401: _refusals.AuthenticationError,
    402: _refusals.PaymentDueError,
    403: _refusals.PermissionDeniedError,
    404: _refusals.NotFoundError,
    409: _refusals.ConflictError,
    413: _refusals.BadRequestError,
    415: _refusals.BadRequestError,
    422: _refusals.BadRequestError,
    429: _refusals.RateLimitedError,
    503: ServerBusyError,
}


def error_in(answer: Answer) -> ApiError:
    """The exception for a 4xx or 5xx answer; raises `UnexpectedAnswerError` for any other status."""
    if answer.status < 400:
        raise UnexpectedAnswerError(f"The server answered {answer.status}, which this API never does.")
    problem = _problem_in(answer)
    return _class_for(problem)(problem)


def _class_for(problem: Problem) -> type[ApiError]:
    if problem.status >= 500:
        return _BY_STATUS.get(problem.status, ServerError)
    return _BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status, RefusedError)


def _problem_in(answer: Answer) -> Problem:
    try:
        document = answer.json_object()
    except UnexpectedAnswerError:
        document = {}
    title = str(document.get("title") or _phrase(answer.status))
    request_id = document.get("request_id") or answer.headers.get("x-request-id")
    return Problem(
        status=answer.status,
        code=str(document.get("code") or f"http_{answer.status}"),
        title=title,
        detail=str(document.get("detail") or title),
        request_id=str(request_id) if request_id else None,
        retry_after=retry_after_in(answer),
        facts={name: value for name, value in document.items() if name not in _STANDARD_MEMBERS},
    )


def retry_after_in(answer: Answer) -> float | None:
    """Seconds the server asks to wait, from either form of `Retry-After`."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _concrete(base: type[ApiError]) -> Iterator[type[ApiError]]:
    for below in base.__subclasses__():
        yield below
        yield from _concrete(below)


_BY_CODE = {kind.for_code: kind for kind in _concrete(RefusedError) if kind.for_code}
