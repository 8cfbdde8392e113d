"""What our own fields of serializers (cloudlicenses.web.fields, .json) take, in the words of JSON Schema.

drf-spectacular finds these classes by itself once this module is imported. Each starts from what DRF's field would be and adds
what ours refuses besides.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from cloudlicenses.kit.lines import BARRED
from cloudlicenses.web.fields import DAY

Json = dict[str, Any]

SPACES = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
LINE = f"^[^{BARRED}]*[^{BARRED}{SPACES}][^{BARRED}]*$"
LINE_OR_NOTHING = f"^[^{BARRED}]*$"
TEXT = r"^[^\x00]*[^\x00-\x20\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\x00]*$"
TEXT_OR_NOTHING = r"^[^\x00]*$"


SCHEMAS: Json = {
    "FreeForm": {
        "type": "object",
        "description": "Your own members: at most 8 KiB, 16 levels deep, no null characters.",
        "propertyNames": {"pattern": TEXT_OR_NOTHING},
        "additionalProperties": {"$ref": "#/components/schemas/FreeValue"},
    },
    "FreeValue": {
        "anyOf": [
            {"type": "string", "pattern": TEXT_OR_NOTHING},
            {"type": ["number", "boolean", "null"]},
            {"type": "array", "items": {"$ref": "#/components/schemas/FreeValue"}},
            {"$ref": "#/components/schemas/FreeForm"},
        ]
    },
}


class _Ours(OpenApiSerializerFieldExtension):
    """DRF's schema of the field, and `changed`."""

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Json:
        derived: Json = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if isinstance(derived.get("type"), list):  # whoever asked adds null again
            derived["type"] = next(kind for kind in derived["type"] if kind != "null")
        return self.changed(derived)

    @abstractmethod
    def changed(self, derived: Json) -> Json:
        """DRF's schema with what only this field knows."""


class Text(_Ours):
    target_class = "cloudlicenses.web.fields.Text"
    match_subclasses = True

    def changed(self, derived: Json) -> Json:
        return derived | {"pattern": TEXT_OR_NOTHING if self.target.allow_blank else TEXT}


class Line(_Ours):
    target_class = "cloudlicenses.web.fields.Line"
    match_subclasses = True
    priority = 1  # a Line is a Text too

    def changed(self, derived: Json) -> Json:
        return derived | {"pattern": self._pattern(), **self.target.told}

    def _pattern(self) -> str:
        shape: str = self.target.pattern
        if shape:
            return f"^({shape})?$" if self.target.allow_blank else f"^{shape}$"
        return LINE_OR_NOTHING if self.target.allow_blank else LINE


class Day(_Ours):
    target_class = "cloudlicenses.web.fields.Day"

    def changed(self, derived: Json) -> Json:
        return derived | {"pattern": f"^{DAY}$"}


class Money(_Ours):
    """Whole cents: a float has no exact `multipleOf`, so that stays in words."""

    target_class = "cloudlicenses.web.fields.Money"

    def changed(self, derived: Json) -> Json:
        number = {"type": "number", "minimum": 0, "maximum": 9999999999.99, "multipleOf": 0.01}
        described = {"description": derived["description"]} if "description" in derived else {}
        return {**described, "anyOf": [number, {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"}]}


class FreeForm(OpenApiSerializerFieldExtension):
    target_class = "cloudlicenses.web.json.FreeFormField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Json:
        return {"$ref": "#/components/schemas/FreeForm"}


def as_parameter(given: Json) -> Json:
    """In a query `?name=` is the same as nothing, so what may be left out may be empty."""
    if given["in"] != "query" or given.get("required"):
        return given
    schema = {name: value for name, value in given["schema"].items() if name != "minLength"}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], ""]
    if "format" in schema:
        return given | {"schema": {"anyOf": [schema, {"const": ""}]}}
    if "pattern" in schema:
        schema["pattern"] = "^(" + schema["pattern"].removeprefix("^").removesuffix("$") + ")?$"
    return given | {"schema": schema}
