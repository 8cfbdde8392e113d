"""`document(host_kind)`: the OpenAPI document of one kind of host.

1. The paths: Django's from its views (drf-spectacular), the plane's from its structs (plane.py).
2. To each operation what all share is added: refusals, headers (shared.py), wording (catalog.py), examples (examples.py).
"""

from __future__ import annotations

import json
import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from cloudlicenses.openapi import examples, fields, plane, shared
from cloudlicenses.openapi.catalog import OPERATIONS, Operation

Json = dict[str, Any]

PAGE = re.compile(r'schemas/\w+Page"')
METHODS = ("get", "post", "put", "patch", "delete")
TITLES = {
    "apex": (
        "CloudLicenses: tenants",
        "Sign-up of customers: ask for a tenant, prove the domain, follow the onboarding.",
    ),
    "vendors": ("CloudLicenses: vendors", "For software vendors and their CRM: sell licenses, find customers, bill."),
    "tenant": ("CloudLicenses: a tenant", "For a customer's applications and staff: seats, keys, costs, audit."),
}


class Undocumented(Exception):
    """The code has an address that `catalog` doesn't know, or the other way round."""


def document(host_kind: str) -> Json:
    """The whole document; it is the same for every host of a kind."""
    paths, schemas = _of_django(host_kind)
    if host_kind == "tenant":
        paths, schemas = paths | plane.paths(), schemas | plane.schemas()
    _refuse_differences(host_kind, {f"{method.upper()} {path}" for path, item in paths.items() for method in item})
    completed = {
        path: {
            method: _completed(host_kind, f"{method.upper()} {path}", item[method])
            for method in METHODS
            if method in item
        }
        for path, item in sorted(paths.items())
    }
    parts = shared.components(host_kind)
    parts["schemas"] = dict(sorted((schemas | fields.SCHEMAS | parts["schemas"]).items()))
    title, description = TITLES[host_kind]
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": description},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(known.tag for known in OPERATIONS[host_kind].values())],
        "paths": completed,
        "components": parts,
    }


def _of_django(host_kind: str) -> tuple[Json, Json]:
    generator = SchemaGenerator(urlconf=f"cloudlicenses.urls.{host_kind}")
    found = generator.get_schema(request=None, public=True)
    plain = json.loads(json.dumps(found, default=float), object_hook=_tidied)
    return plain["paths"], plain.get("components", {}).get("schemas", {})


def _tidied(derived: Json) -> Json:
    """drf-spectacular's notes to itself go. What may be blank may match both branches, so any one of them will do.

    A request's serializer is named XRequest already; as a component of requests it would be XRequestRequest.
    """
    tidy = {
        name.replace("RequestRequest", "Request"): value for name, value in derived.items() if name != "x-spec-enum-id"
    }
    if "$ref" in tidy:
        tidy["$ref"] = tidy["$ref"].replace("RequestRequest", "Request")
    if "oneOf" in tidy:
        tidy["anyOf"] = tidy.pop("oneOf")
    return tidy


def _refuse_differences(host_kind: str, there: set[str]) -> None:
    known = set(OPERATIONS[host_kind])
    if there != known:
        raise Undocumented(
            f"{host_kind}: not in the catalog: {sorted(there - known)}; not there: {sorted(known - there)}"
        )


def _completed(host_kind: str, name: str, derived: Json) -> Json:
    """The derived operation with its wording, its headers and all its answers."""
    known = OPERATIONS[host_kind][name]
    security = [{known.bearer: []}] if known.bearer else derived.get("security", [])
    is_open = not security
    has_body = "requestBody" in derived
    own = [fields.as_parameter(given) for given in derived.get("parameters", []) if given["name"] not in shared.NAMES]
    answers = {status: _answer(answer, is_open=is_open, known=known) for status, answer in derived["responses"].items()}
    operation: Json = {
        "operationId": known.id,
        "summary": known.summary,
        "description": derived.get("description", ""),
        "tags": [known.tag],
        "parameters": [*own, *shared.parameters_of(host_kind, known, security, is_page=_is_page(derived))],
        "requestBody": derived.get("requestBody"),
        "responses": answers | shared.refusals_of(known, is_open=is_open, has_body=has_body),
        "security": security,
    }
    if not has_body:
        del operation["requestBody"]
    return examples.added_to(operation)


def _is_page(derived: Json) -> bool:
    """Lists answer with a component of that name (cloudlicenses.web.pagination)."""
    return bool(PAGE.search(json.dumps(derived["responses"])))


def _answer(derived: Json, *, is_open: bool, known: Operation) -> Json:
    return derived | {"headers": shared.headers_of(known, is_open=is_open) | derived.get("headers", {})}
