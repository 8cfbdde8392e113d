"""From settings to httpx: certificates, timeouts, and hosts the system's resolver doesn't know.

`mercedes.localhost` is this machine (RFC 6761), but Python's resolver has not heard of it. So for such hosts the connection goes to
127.0.0.1, while the Host header and the TLS server name stay what they are.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Union
from urllib.parse import urlsplit

import httpx

from ._errors import ConfigurationError, ServerUnreachableError, UnexpectedAnswerError
from ._settings import Settings, is_localhost_name
from ._wire import Answer, Request

_LONGEST_CONNECT = 5.0
_Verify = Union[bool, ssl.SSLContext]


def new_http_client(settings: Settings) -> httpx.Client:
    verify = _trust(settings)
    if _is_local(settings):
        return httpx.Client(transport=_LoopbackTransport(verify=verify, trust_env=False), **_common(settings))
    return httpx.Client(verify=verify, **_common(settings))


def new_async_http_client(settings: Settings) -> httpx.AsyncClient:
    verify = _trust(settings)
    if _is_local(settings):
        transport = _AsyncLoopbackTransport(verify=verify, trust_env=False)
        return httpx.AsyncClient(transport=transport, **_common(settings))
    return httpx.AsyncClient(verify=verify, **_common(settings))


def as_httpx(client: httpx.Client | httpx.AsyncClient, settings: Settings, request: Request) -> httpx.Request:
    return client.build_request(
        request.method, settings.server_url + request.path, headers=dict(request.headers), content=request.body
    )


def as_answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, dict(response.headers), response.content)


def as_error(settings: Settings, failure: httpx.RequestError) -> ServerUnreachableError | UnexpectedAnswerError:
    """What the failure means to the application; only the server's address and the cause are told."""
    if isinstance(failure, httpx.DecodingError):
        return UnexpectedAnswerError(f"{settings.server_url} sent an answer that can't be decoded.")
    cause = str(failure).rstrip(".") or type(failure).__name__
    return ServerUnreachableError(f"{settings.server_url} could not be reached: {cause}.")


def _common(settings: Settings) -> dict[str, Any]:
    connect = min(settings.timeout, _LONGEST_CONNECT)
    return {"timeout": httpx.Timeout(settings.timeout, connect=connect), "follow_redirects": False}


def _trust(settings: Settings) -> _Verify:
    verify = settings.verify
    try:
        if isinstance(verify, (str, Path)):
            context = _context_trusting(Path(verify))
        elif isinstance(verify, ssl.SSLContext):
            context = verify
        elif settings.cert is None:
            return True
        else:
            context = httpx.create_ssl_context()
        if settings.cert is not None:
            parts = (settings.cert,) if isinstance(settings.cert, str) else settings.cert
            context.load_cert_chain(*parts)
    except OSError as unreadable:
        raise ConfigurationError(f"The certificates in verify= or cert= can't be used: {unreadable}.") from None
    return context


def _context_trusting(path: Path) -> ssl.SSLContext:
    if path.is_dir():
        return ssl.create_default_context(capath=str(path))
    return ssl.create_default_context(cafile=str(path))


def _is_local(settings: Settings) -> bool:
    return is_localhost_name(urlsplit(settings.server_url).hostname or "")


class _LoopbackTransport(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _turn_to_loopback(request)
        return super().handle_request(request)


class _AsyncLoopbackTransport(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _turn_to_loopback(request)
        return await super().handle_async_request(request)


def _turn_to_loopback(request: httpx.Request) -> None:
    # The Host header was set from the original URL when the request was built, and stays.
    request.extensions = {**request.extensions, "sni_hostname": request.url.host}
    request.url = request.url.copy_with(host="127.0.0.1")
