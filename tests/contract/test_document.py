"""The documents themselves: what the code says, complete, valid, and the same wherever they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from cloudlicenses.openapi import proofs
from cloudlicenses.openapi.catalog import OPERATIONS
from cloudlicenses.openapi.document import METHODS, document
from tests import sites
from tests.contract.checking import formats

KINDS = tuple(OPERATIONS)
Operation = dict[str, Any]


def operations(kind: str) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document(kind)["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_the_committed_documents_are_what_the_code_says() -> None:
    call_command("openapi", "--check")


def test_a_difference_is_noticed(settings: Any, tmp_path: Any) -> None:
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match=r"apex\.json, vendors\.json, tenant\.json"):
        call_command("openapi", "--check")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "site"), [("apex", sites.apex()), ("vendors", sites.vendors()), ("tenant", sites.tenant("mercedes"))]
)
def test_each_host_hands_out_its_own_to_everybody(kind: str, site: sites.Site) -> None:
    answer = site.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == json.loads((settings.BASE_DIR / "docs" / "openapi" / f"{kind}.json").read_text())


@pytest.mark.django_db
@pytest.mark.parametrize("site", [sites.apex(), sites.vendors(), sites.tenant("mercedes")], ids=KINDS)
def test_docs_render_it_with_files_of_our_own(site: sites.Site) -> None:
    page = site.get("/docs").content.decode()
    told = site.get("/api/v1/openapi.json").json()

    assert "swagger-ui-bundle.js" in page
    assert {path for path in told["paths"] if f"<code>{path}</code>" not in page} == set()
    assert "https://" not in page.replace("https://cloudlicenses.com", "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_one(kind: str) -> None:
    for schema in document(kind)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_leads_somewhere(kind: str) -> None:
    told = document(kind)
    for reference in references(told):
        found = told
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


@pytest.mark.parametrize("kind", KINDS)
def test_every_operation_says_all_of_its_answers(kind: str) -> None:
    for method, path, operation in operations(kind):
        name, answers = f"{method} {path}", set(operation["responses"])
        assert operation["summary"], name
        assert any(status.startswith("2") for status in answers), name
        assert {"400", "404", "406", "422", "429", "500", "503"} <= answers, name
        assert not operation["security"] or {"401", "403"} <= answers, name
        assert "requestBody" not in operation or {"413", "415"} <= answers, name
        assert method in METHODS


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique_and_fit_to_be_names_of_functions(kind: str) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(kind)]

    assert len(ids) == len(set(ids))
    assert all(name.isidentifier() and name[0].islower() for name in ids)


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_valid(kind: str) -> None:
    told = document(kind)
    for method, path, operation in operations(kind):
        places = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in [media for place in places for media in place.get("content", {}).values() if "example" in media]:
            schema = {**media["schema"], "components": told["components"]}
            errors = list(Draft202012Validator(schema, format_checker=formats).iter_errors(media["example"]))
            assert not errors, f"{method} {path}: {errors[0].message}"


def test_what_creates_or_bills_takes_an_idempotency_key() -> None:
    for kind, catalog in OPERATIONS.items():
        for method, path, operation in operations(kind):
            known = catalog[f"{method.upper()} {path}"]
            named = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
            assert named == known.is_once
            assert method == "post" or not known.is_once


def test_wherever_a_key_is_taken_it_says_what_an_application_sends_beside_it() -> None:
    named = {f"#/components/parameters/{name}" for name in proofs.PARAMETERS}
    for method, path, operation in operations("tenant"):
        takes_a_key = {"applicationKey": []} in operation["security"]
        told = {each.get("$ref", "") for each in operation["parameters"]}
        assert (named & told) == (named if takes_a_key else set()), f"{method} {path}"


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        node = list(node.values())
    for inner in node if isinstance(node, list) else []:
        yield from references(inner)
