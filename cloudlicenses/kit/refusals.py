"""Refusals: every "no" of this product is a named fact with a stable code.

A story raises a concrete `Refusal`; it never thinks of HTTP. `cloudlicenses.web.problems` is the only place that turns a
kind into a status number. Codes are part of the API: once published they are never renamed. Titles are English, which the API
speaks; they are marked for translation, and pages show them in their reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar


def gettext_noop(text: str) -> str:
    """The text itself, found by whoever collects what is to be translated. Django's function of that name asks for settings, and
    refusals are known before there are any."""
    return text


class Said(str):
    """A sentence with what it is about filled in, `Said("At most %(most)s addresses.", most=20)`: English as it stands, and
    in a reader's language for whoever fills in the same by `template` and `about`."""

    template: str
    about: dict[str, object]

    def __new__(cls, template: str, **about: object) -> Said:
        said = super().__new__(cls, template % about)
        said.template, said.about = template, about
        return said


class Kind(Enum):
    """What sort of "no" it is."""

    MALFORMED = "malformed"
    INVALID = "invalid"
    UNKNOWN_CALLER = "unknown_caller"
    PAYMENT_DUE = "payment_due"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of what was sent."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.message}


class Refusal(Exception):
    """Base of all refusals. Concrete classes set `kind`, `code` and `title`.

    `detail` says what happened this time and what to do; `facts` are further members of the problem document.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), **facts: Any) -> None:
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.facts = facts
        super().__init__(self.detail)


class InvalidInput(Refusal):
    """Well-formed, but some fields are wrong; `errors` names each of them."""

    kind = Kind.INVALID
    code = "invalid_input"
    title = gettext_noop("Some fields are missing or wrong.")


class NotFound(Refusal):
    """Not there, or not yours: the same answer."""

    kind = Kind.MISSING
    code = "not_found"
    title = gettext_noop("There is nothing here.")


class Busy(Refusal):
    """The server can't do it now; the same request may succeed in a moment."""

    kind = Kind.BUSY
    code = "busy"
    title = gettext_noop("The server is busy. Try again in a moment.")

    def __init__(self, detail: str = "", *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after
