"""What every request has: an id, the client's real address, and logs that carry both and the tenant."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable
from functools import lru_cache

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from cloudlicenses.kit import ids
from cloudlicenses.kit.depth import with_room

BY_SOCKET = "unix"  # in place of the speaker's address: a process of this machine, let in by the rights of a file
TOO_LARGE = "cloudlicenses.body_too_large"  # in the ASGI scope of a request whose body nobody gathered
GOOD_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
log = structlog.get_logger("request")


class RequestContextMiddleware:
    """Outermost: `request.id`, `request.client_ip`, one log line a request, `X-Request-ID` in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    @with_room
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        if not is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)  # settings: Django believes what is left here
        request.id = request_id(request.headers.get("X-Request-ID"))
        request.client_ip = client_address(
            request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        )
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")  # keys and names are in there
        log.info(
            "request", method=request.method, path=request.path, status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )  # fmt: skip
        return response


def request_id(proposed: str | None) -> str:
    """The caller's own id, if it is one we can log; else a fresh one."""
    return proposed if proposed and GOOD_REQUEST_ID.fullmatch(proposed) else ids.new_id("req")


def client_address(peer: str, forwarded_for: str) -> str:
    """The address of the client: the connection's, or what a trusted proxy says it is.

    `X-Forwarded-For` is read from the right for as long as the speaker is in TRUSTED_PROXIES; anybody can write its left part.
    """
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_trusted_proxy(address):
            break
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            break
    return "" if address == BY_SOCKET else address


def is_trusted_proxy(address: str) -> bool:
    if address == BY_SOCKET:
        return bool(settings.TRUSTS_SOCKET)
    return _is_within(address, tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    try:
        speaker = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(speaker in network for network in networks)
