"""Every exchange with the API, in any test, held against docs/openapi: the clients of tests/sites.py and tests/servers.py call it.

- An address that isn't documented must not exist: 404, or 405 for a method. Under /api/ nothing is published by accident.
- An answer's status, media type, body and headers must be what the document says.
- What the server accepts must be valid by the document: so a test that sends something wrong must see it refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]

OURS = ("/api/", "/packages/", "/.well-known/")
THE_DOCUMENT = "/api/v1/openapi.json"
FOR_PEOPLE = "/.well-known/security.txt"
PROBLEM = "application/problem+json"
RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

formats = FormatChecker(formats=())
for name, shape in (("date-time", RFC3339), ("date", DAY), ("email", EMAIL)):
    formats.checks(name)(lambda value, shape=shape: not isinstance(value, str) or bool(shape.fullmatch(value)))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, whichever client made it. Names of headers in lower case."""

    host: str
    method: str
    path: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.host}{self.path} → {self.status} {self.body[:600].decode(errors='replace')}"

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()


class ContractViolation(AssertionError):
    """The code or docs/openapi is wrong. After a change that is meant: `manage.py openapi`."""


def check(exchange: Exchange) -> None:
    """Raises `ContractViolation`."""
    if not exchange.path.startswith(OURS) or exchange.path in {THE_DOCUMENT, FOR_PEOPLE}:
        return
    kind = kind_of(exchange.host)
    template, item = _find(kind, exchange.path)
    operation = item.get(exchange.method.lower())
    if operation is None:
        _refuse(exchange, exchange.status in {404, 405} or exchange.method in {"HEAD", "OPTIONS"}, "is not documented")
        return
    _refuse(
        exchange, str(exchange.status) in operation["responses"] or exchange.status == 405, "has an undocumented status"
    )
    if exchange.status != 405:
        _check_answer(exchange, kind, (template, exchange.method.lower()))
    if exchange.status < 300 and "requestBody" in operation:
        _check_request(exchange, kind, (template, exchange.method.lower()))


def kind_of(host: str) -> str:
    """Of documents: a host that is neither of ours nor a tenant's answers 404, which each of them documents."""
    name = host.partition(":")[0].lower()
    known = {settings.BASE_HOST: "apex", f"vendors.{settings.BASE_HOST}": "vendors"}
    return known.get(name, "tenant")


def _check_answer(exchange: Exchange, kind: str, operation: tuple[str, str]) -> None:
    answer = _resolved(kind, _paths(kind)[operation[0]][operation[1]]["responses"][str(exchange.status)])
    for name, header in answer.get("headers", {}).items():
        told = _resolved(kind, header)
        value = exchange.headers.get(name.lower())
        _refuse(exchange, value is not None or not told.get("required"), f"lacks the header {name}")
        is_number = told["schema"].get("type") == "integer"
        _refuse(exchange, not is_number or value is None or value.isdigit(), f"has {name}: {value}, which is no number")
    content = answer.get("content", {})
    _refuse(exchange, bool(content) or not exchange.body, "has a body where none is documented")
    if not content:
        return
    _refuse(exchange, exchange.media_type in content, f"is {exchange.media_type}, not one of {list(content)}")
    if exchange.media_type in {"application/json", PROBLEM}:
        validator = _validator(kind, operation, str(exchange.status), exchange.media_type)
        _refuse_errors(exchange, validator, json.loads(exchange.body), "answers")


def _check_request(exchange: Exchange, kind: str, operation: tuple[str, str]) -> None:
    if exchange.sent:
        validator = _validator(kind, operation, "request", "application/json")
        _refuse_errors(exchange, validator, json.loads(exchange.sent), "accepted what the document forbids:")


def _refuse_errors(exchange: Exchange, validator: Draft202012Validator, value: Any, what: str) -> None:
    error = next(iter(validator.iter_errors(value)), None)
    _refuse(exchange, error is None, f"{what} {error.json_path}: {error.message}" if error else "")


def _refuse(exchange: Exchange, is_good: bool, what: str) -> None:
    if not is_good:
        raise ContractViolation(f"{exchange}\n{what}")


def _find(kind: str, path: str) -> tuple[str, Json]:
    """The template that `path` follows; one without parameters goes first, as `/keys/generate` before `/keys/{key_id}`."""
    for template in sorted(_paths(kind), key=lambda text: text.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, unquote(path), re.DOTALL):
            return template, _paths(kind)[template]
    return "", {}


@cache
def _document(kind: str) -> Json:
    document: Json = json.loads((settings.BASE_DIR / "docs" / "openapi" / f"{kind}.json").read_text(encoding="utf-8"))
    return document


def _paths(kind: str) -> Json:
    paths: Json = _document(kind)["paths"]
    return paths


def _resolved(kind: str, node: Json) -> Json:
    if "$ref" not in node:
        return node
    found = _document(kind)
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


@cache
def _validator(kind: str, operation: tuple[str, str], which: str, media_type: str) -> Draft202012Validator:
    told = _paths(kind)[operation[0]][operation[1]]
    place = told["requestBody"] if which == "request" else _resolved(kind, told["responses"][which])
    schema = {**place["content"][media_type]["schema"], "components": _document(kind)["components"]}
    return Draft202012Validator(schema, format_checker=formats)
