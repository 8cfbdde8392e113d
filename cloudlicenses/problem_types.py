"""Every code that a problem document can carry, with what it means: read from the refusals themselves.

`type` in a problem document leads to the page of its code, so a refusal without a page would be a broken promise; a test walks all
classes.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import idempotency, tries
from cloudlicenses.web.problems import BEFORE_THE_STORY, STATUS

ELSEWHERE = (idempotency, tries)  # refusals that live beside what refuses
OTHERS = {
    "internal_error": (
        500,
        "Something went wrong on our side.",
        "A defect of ours. Nothing was changed; it is on record.",
    ),
    "form_expired": (
        403,
        "This form was open for too long, or cookies are off.",
        "Reload the page and send the form again.",
    ),
}


@dataclass(frozen=True, slots=True)
class ProblemType:
    code: str
    status: int
    title: str
    explanation: str = ""


@cache
def problem_types() -> dict[str, ProblemType]:
    """By code, in alphabetical order."""
    _load_refusals()
    found = {code: ProblemType(code, *rest) for code, rest in OTHERS.items()}
    found |= {code: ProblemType(code, status, title) for status, code, title in BEFORE_THE_STORY.values()}
    found |= {kind.code: _type_of(kind) for kind in concrete_refusals(Refusal)}
    return dict(sorted(found.items()))


def concrete_refusals(base: type[Refusal]) -> list[type[Refusal]]:
    """All subclasses that have a code of their own."""
    below = [kind for child in base.__subclasses__() for kind in concrete_refusals(child)]
    return [base, *below] if "code" in vars(base) else below


def _type_of(kind: type[Refusal]) -> ProblemType:
    explanation = inspect.cleandoc(vars(kind).get("__doc__") or "").partition("\n\n")[0]
    return ProblemType(kind.code, STATUS[kind.kind], kind.title, explanation)


def _load_refusals() -> None:
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.refusals"):
            import_module(f"{app.name}.refusals")
