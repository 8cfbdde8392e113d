"""Requests whose end can be read in two ways: refused with the connection, and never answered twice."""

from __future__ import annotations

import pytest

from tests.attacks import wire
from tests.servers import Server

SECOND = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
START = b"POST /login HTTP/1.1\r\nHost: mercedes.localhost\r\n"

AMBIGUOUS = {
    "a length and chunks": START + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunks and a length": START + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": START + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SECOND,
    "a list of lengths": START + b"Content-Length: 0, 44\r\n\r\n" + SECOND,
    "a length with a sign": START + b"Content-Length: +0\r\n\r\n" + SECOND,
    "a length below nothing": START + b"Content-Length: -1\r\n\r\n" + SECOND,
    "a length in hexadecimal": START + b"Content-Length: 0x0\r\n\r\n" + SECOND,
    "a length beyond numbers": START + b"Content-Length: 99999999999999999999\r\n\r\n" + SECOND,
    "a coding nobody knows": START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "a coding after chunks": START + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SECOND,
    "a blank before the colon": START + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "a folded line": START + b"X-A: b\r\n Content-Length: 44\r\n\r\n" + SECOND,
    "a null in a header": START + b"X-A: b\x00Content-Length: 44\r\n\r\n" + SECOND,
    "a bare line break": START + b"X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "a bare return": START + b"X-A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "a chunk with a sign": START + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SECOND,
    "a chunk too large to count": START + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + SECOND,
    "a chunk ended otherwise": START + b"Transfer-Encoding: chunked\r\n\r\n1\nA\n0\n\n" + SECOND,
    "a header without a name": START + b": chunked\r\n\r\n" + SECOND,
    "a blank in a name": START + b"Transfer Encoding: chunked\r\n\r\n" + SECOND,
    "another protocol": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n" + SECOND,
    "HTTP/2 unasked": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SECOND,
}


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_can_be_read_in_two_ways_ends_the_connection(server: Server, request_: bytes) -> None:
    answer = wire.ask(server, request_)
    assert b"smuggled" not in answer
    assert wire.statuses(answer) in ([400], []), answer[:2000]


def test_a_body_of_known_length_is_not_the_next_request(server: Server) -> None:
    """The plain case: what stands inside a body stays inside it."""
    inner = b"POST /login HTTP/1.1\r\nHost: bmw.localhost\r\nContent-Length: 0\r\n\r\n"
    first = wire.head(
        "POST", "/api/v1/tenants/verify", "localhost", f"Content-Length: {len(inner)}", "Content-Type: a/b"
    )
    last = wire.head("GET", "/healthz", "localhost", "Connection: close")
    assert wire.statuses(wire.ask(server, first + inner + last)) == [415, 200]


def test_a_body_that_nobody_reads_is_not_the_next_request(server: Server) -> None:
    """Also where an answer is given without reading it."""
    for path in ("/api/v1/licenses/checkout", "/nothing", "/healthz"):
        first = wire.head(
            "POST", path, "mercedes.localhost", f"Content-Length: {len(SECOND)}", "Content-Type: application/json"
        )
        last = wire.head("GET", "/healthz", "localhost", "Connection: close")
        answer = wire.ask(server, first + SECOND + last)
        assert b"smuggled" not in answer
        assert wire.statuses(answer)[-1] == 200


def test_trace_is_not_spoken(server: Server) -> None:
    for method in ("TRACE", "TRACK", "CONNECT"):
        answer = wire.ask(
            server, wire.head(method, "/login", "mercedes.localhost", "X-Secret: cookie", "Connection: close")
        )
        assert b"X-Secret" not in answer
        assert all(status >= 400 for status in wire.statuses(answer))


@pytest.mark.parametrize("text", ["a\r\nX-Injected: yes", "a%0d%0aX-Injected:%20yes", "a\u560a\u560dX-Injected: yes"])
def test_no_input_becomes_a_header_of_an_answer(server: Server, text: str) -> None:
    """`next` goes into Location, the request's id into X-Request-ID."""
    for path in (f"/login?next=/{text}", f"/docs/{text}", f"/api/v1/usage?days={text}"):
        asked = path.replace(" ", "%20").encode().decode("latin-1")
        answer = wire.ask(server, wire.head("GET", asked, "localhost", "Connection: close"))
        assert b"\nX-Injected" not in answer.partition(b"\r\n\r\n")[0]
