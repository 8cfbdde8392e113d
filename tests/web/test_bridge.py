"""Django behind the bridge: bodies whose length nobody told are read all the same."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from tests.servers import Server

VERIFY = "/api/v1/tenants/verify"


def in_chunks(server: Server, chunks: Iterator[bytes]) -> httpx.Response:
    headers = {"Host": server.host_of(), "Content-Type": "application/json"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        return client.post(VERIFY, content=chunks, headers=headers)


def test_a_body_sent_in_chunks_is_read_whole(server: Server) -> None:
    answer = in_chunks(server, iter([b'{"tenant_id": "nobody", ', b'"verification_token": "x"}']))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_endless_body_is_refused(server: Server) -> None:
    answer = in_chunks(server, (b" " * 65536 for _ in range(6)))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
