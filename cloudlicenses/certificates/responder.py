"""The address where anybody may ask whether a certificate is still good (OCSP over HTTP, RFC 6960, appendix A)."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from certificates import status
from cloudlicenses.web.access import for_anyone


@csrf_exempt
@require_POST
@for_anyone
def posted(request: HttpRequest) -> HttpResponse:
    """For strangers: whoever meets a certificate of ours asks here, and it is no secret. Programs have no CSRF token."""
    return _answer(request.body)


@require_safe
@for_anyone
def in_the_address(request: HttpRequest, sent: str) -> HttpResponse:
    """For strangers, as `posted`: the request in base64, so that the answer may be kept on its way."""
    try:
        return _answer(base64.b64decode(sent, validate=True))
    except (binascii.Error, ValueError):
        return _answer(b"")


def _answer(sent: bytes) -> HttpResponse:
    return HttpResponse(
        status.answer(sent), content_type="application/ocsp-response", headers={"Cache-Control": "public, max-age=60"}
    )
