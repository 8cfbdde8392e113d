"""Codes are part of the API: one fact, one code, with a title that can be shown."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.urls import Resolver404, resolve

from cloudlicenses.kit.refusals import Kind, Refusal
from tests.architecture.test_size_and_names import APPS


def refusals() -> list[type[Refusal]]:
    """Every concrete refusal of the product, wherever it is defined."""
    for package in map(import_module, APPS):
        for module in walk_packages(package.__path__, package.__name__ + "."):
            if not {"migrations", "local", "demo"} & set(module.name.split(".")):
                import_module(module.name)
    found, waiting = set(), [Refusal]
    while waiting:
        below = waiting.pop().__subclasses__()
        found.update(below)
        waiting.extend(below)
    return sorted(
        (kind for kind in found if not kind.__module__.startswith("tests")), key=lambda kind: kind.__qualname__
    )


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)
def test_a_refusal_has_kind_code_and_title(refusal: type[Refusal]) -> None:
    assert isinstance(refusal.kind, Kind)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
    assert refusal.title.strip().endswith((".", "!", "?", "…"))


def test_no_code_means_two_things() -> None:
    codes = Counter(
        refusal.code for refusal in refusals() if "code" in vars(refusal)
    )  # one that inherits it is the same fact
    assert {code: count for code, count in codes.items() if count > 1} == {}


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.code)
def test_every_code_has_an_address_that_explains_it(refusal: type[Refusal]) -> None:
    try:
        resolve(f"/problems/{refusal.code}", urlconf="cloudlicenses.urls.apex")
    except Resolver404:
        pytest.fail(f"no page for {refusal.code}")
