"""Bodies made to hurt: deep, huge, ambiguous, packed. Sent to every address that takes one, to the real server, with a good key.

Each is refused at once, with a reason, by every face alike; and the server still answers afterwards.
"""

from __future__ import annotations

import gzip
import io
import json
import time
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image

from accounts import tokens
from cloudlicenses.kit.refusals import InvalidInput
from licensing.plane.http import LARGEST_BODY
from tenants import context
from tests import builders, cast
from tests.attacks.routes import paths_of
from tests.servers import Server
from vendors import logos

DEEP = 100_000
BEFORE_THE_BODY = {401, 403}  # whom an address is not for
TELLING = {400, 404, 405, 409, 413, 415, 422, 429} | BEFORE_THE_BODY
AT_ONCE_SECONDS = 60.0  # on a machine that has other things to do; what blows up takes minutes, or all memory


def object_with(value: str) -> bytes:
    return b'{"product_id": "p", "user": "u", "app_name": "a", "name": "n", "metadata": {"x": %s}}' % value.encode()


BOMBS: dict[str, tuple[bytes, dict[str, str]]] = {
    "a list too deep": (b"[" * DEEP + b"]" * DEEP, {}),
    "an object too deep": (object_with('{"a":' * 20_000 + "1" + "}" * 20_000), {}),
    "a number without end": (object_with("9" * 200_000), {}),
    "a number beyond floats": (object_with("1e99999999"), {}),
    "not a number": (object_with("NaN"), {}),
    "infinity": (object_with("-Infinity"), {}),
    "a string too long": (b'{"product_id": "%s", "user": "u", "name": "%s"}' % (b"a" * 60_000, b"a" * 60_000), {}),
    "keys without end": (b"{%s}" % b",".join(b'"%d": 1' % number for number in range(20_000)), {}),
    "half of a surrogate pair": (b'{"product_id": "\\ud800", "user": "\\udfff", "name": "\\ud800"}', {}),
    "null characters": (b'{"product_id": "\\u0000", "user": "\\u0000", "app_name": "\\u0000", "name": "\\u0000"}', {}),
    "no UTF-8": (b'{"product_id": "\xff\xfe"}', {}),
    "UTF-16": ('{"product_id": "p"}'.encode("utf-16"), {"content-type": "application/json; charset=utf-16"}),
    "packed": (gzip.compress(b"[" * 10_000_000), {"content-encoding": "gzip"}),
    "packed otherwise": (zlib.compress(b" " * 10_000_000), {"content-encoding": "deflate"}),
    "XML": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', {"content-type": "application/xml"}),
    "a form": (b"product_id=p&user=u", {"content-type": "application/x-www-form-urlencoded"}),
    "a pickle": (b"cos\nsystem\n(S'true'\ntR.", {}),
}


def taking_bodies(kind: str) -> list[tuple[str, str]]:
    return [
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, operations in paths_of(kind).items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]


@pytest.fixture
def callers(server: Server) -> dict[str, dict[str, str]]:
    """The headers of somebody with every right, by kind of host."""
    many = {"requests_per_hour": 1_000_000, "checkouts_per_minute": 1_000_000}
    with context.inside(cast.MERCEDES.id):
        key = builders.tenant_key(**many)
        token = tokens.issue(builders.person(), "x", actor=builders.actor())[1]
    with context.acting_for(cast.VECTOR.id):
        vendors = builders.vendor_key(**many)
    return {
        "apex": {"Host": "localhost"},
        "tenant": {"Host": "mercedes.localhost", "Authorization": f"Bearer {token}"},
        "plane": {"Host": "mercedes.localhost", "Authorization": f"Bearer {key}"},
        "vendors": {"Host": "vendors.localhost", "Authorization": f"Bearer {vendors}", "X-Vendor-ID": cast.VECTOR.id},
    }


@pytest.mark.parametrize(("body", "headers"), BOMBS.values(), ids=BOMBS)
def test_it_is_refused_at_once_wherever_a_body_is_taken(
    server: Server, callers: dict[str, dict[str, str]], body: bytes, headers: dict[str, str]
) -> None:
    sent = 0
    with httpx.Client(base_url=server.url, trust_env=False, timeout=AT_ONCE_SECONDS) as client:
        for kind in ("apex", "vendors", "tenant"):
            for method, path in taking_bodies(kind):
                who = "plane" if kind == "tenant" and "/licenses/" in path and method == "POST" else kind
                started = time.monotonic()
                try:
                    answer = client.request(
                        method,
                        path,
                        content=body,
                        headers={"content-type": "application/json", **callers[who], **headers},
                    )
                except httpx.TransportError:
                    assert len(body) > LARGEST_BODY, "it hung up on what it could have read"
                    continue
                assert answer.status_code in TELLING, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
                assert answer.headers["content-type"] == "application/problem+json", path
                assert time.monotonic() - started < AT_ONCE_SECONDS
                sent += 1
        assert sent >= 20
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/licenses/checkout", "/api/v1/validate/feature"])
def test_of_a_member_sent_twice_every_face_reads_the_same(
    server: Server, callers: dict[str, dict[str, str]], path: str
) -> None:
    """What a gateway in front might check is not another member than the one that counts: the last, as JavaScript has it."""
    with context.inside(cast.MERCEDES.id):
        builders.granted(features=["can_editor"])
    body = b'{"product_id": "another", "product_id": "%s", "user": "a", "feature": "no", "feature": "can_editor"}'
    answer = httpx.post(
        f"{server.url}{path}",
        content=body % cast.DAVINCI.id.encode(),
        headers={"content-type": "application/json", **callers["plane"]},
        trust_env=False,
        timeout=AT_ONCE_SECONDS,
    )
    assert answer.status_code in {200, 201, 422}, answer.text
    if answer.status_code < 300:
        assert "another" not in answer.text


def test_a_picture_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < logos.LARGEST_FILE
    started = time.process_time()
    with pytest.raises(InvalidInput):
        logos.painted(out.getvalue())
    assert time.process_time() - started < 1


def test_questions_in_an_address_are_bounded_too(server: Server, callers: dict[str, dict[str, str]]) -> None:
    many = "&".join(f"limit={number}" for number in range(3000))
    for kind, path in (("tenant", "/api/v1/licenses"), ("vendors", "/api/v1/licenses")):
        for query in (many, "limit=" + "9" * 10_000, "cursor=" + "A" * 20_000, "limit=1e5", "cursor[]=x", "limit=%00"):
            answer = httpx.get(
                f"{server.url}{path}?{query}", headers=callers[kind], trust_env=False, timeout=AT_ONCE_SECONDS
            )
            assert answer.status_code in {200, 400, 422}, f"{query[:40]}: {answer.text[:200]}"


def test_no_answer_of_ours_has_numbers_that_json_has_not(server: Server, callers: dict[str, dict[str, str]]) -> None:
    answer = httpx.get(
        f"{server.url}/api/v1/costs", headers=callers["tenant"], trust_env=False, timeout=AT_ONCE_SECONDS
    )
    json.loads(answer.text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise AssertionError(name)
