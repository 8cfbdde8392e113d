"""HTTP for the plane: a request read whole, an answer written in one go. Nothing here knows licenses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from certificates.proving import Proof
from cloudlicenses.kit import jsonmoney
from cloudlicenses.kit.limits import Verdict
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import problems
from cloudlicenses.web.requests import client_address, is_trusted_proxy, request_id

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 64 * 1024
ON_EVERY_ANSWER = [
    (b"cache-control", b"no-store"),
    (b"vary", b"Host"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
if settings.SECURE_HSTS_SECONDS:
    ON_EVERY_ANSWER.append(
        (b"strict-transport-security", b"max-age=%d; includeSubDomains" % settings.SECURE_HSTS_SECONDS)
    )


class ClientGone(Exception):
    """The client hung up before its request was whole."""


class Unacceptable(Exception):
    """A request that no story could answer: too large, of another media type, with another method."""

    def __init__(self, status: int, code: str, title: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.headers = status, code, title, headers


@dataclass(slots=True)
class Request:
    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    peer: str
    target: str = ""  # the path as it was sent, and what follows `?`
    body: bytes = b""
    verdict: Verdict | None = None  # once it was counted
    id: str = field(init=False)
    client_ip: str = field(init=False)
    proof: Proof | None = None
    product_matters: bool = False  # once it was admitted: whether it is judged by what it is for

    def __post_init__(self) -> None:
        self.id = request_id(self.headers.get("x-request-id"))
        self.client_ip = client_address(self.peer, self.headers.get("x-forwarded-for", ""))

    @property
    def certificate(self) -> str:
        """Of the client, as a trusted proxy passes it on, who has seen that the client holds its key; nobody else is believed."""
        sent = self.headers.get("x-client-cert", "")
        return sent if sent and is_trusted_proxy(self.peer) else ""


def request_from(scope: Scope) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    client = scope.get("client") or ("", 0)
    return Request(scope["method"], scope["path"], headers.get("host", ""), headers, client[0], _target_of(scope))


def _target_of(scope: Scope) -> str:
    path, query = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1"), scope.get("query_string", b"")
    return f"{path}?{query.decode('latin-1')}" if query else path


async def read_body(request: Request, receive: Receive) -> bytes:
    """The whole body; raises `Unacceptable` for one too large or not declared as JSON."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Unacceptable(415, "unsupported_media_type", "Send the body as application/json.")
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Unacceptable(
                413, "body_too_large", f"The body may have at most {LARGEST_BODY} bytes.", Connection="close"
            )
        more = message.get("more_body", False)
    return b"".join(parts)


async def send_json(
    send: Send, status: int, body: object, headers: Mapping[str, str], media_type: str = "application/json"
) -> None:
    content = jsonmoney.dumps(body)
    raw = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content)), *ON_EVERY_ANSWER]
    raw += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


def problem_of(refusal: Refusal, request: Request) -> tuple[int, dict[str, Any], dict[str, str]]:
    return problems.problem(refusal, path=request.path, request_id=request.id)


def problem_of_unacceptable(error: Unacceptable, request: Request) -> tuple[int, dict[str, Any], dict[str, str]]:
    document = problems.document_of(
        error.status, error.code, error.title, error.title, path=request.path, request_id=request.id
    )
    return error.status, document, error.headers
