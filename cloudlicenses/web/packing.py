"""Pages travel compressed; Django's own middleware pads them, so that their length tells nothing of the secrets within (BREACH).

What programs get stays as it is: small answers, and exports that are streamed.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PackedPagesMiddleware(GZipMiddleware):
    """For browsers that take gzip, which is all of them."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
