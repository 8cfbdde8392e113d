"""JSON in: UTF-8 only, no NaN, no endless nesting, and no characters that PostgreSQL can't keep. JSON out: money with its cents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, ClassVar

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from cloudlicenses.kit import jsonmoney

DEEPEST = 16
LARGEST_METADATA = 8 * 1024


class StrictJSONParser(BaseParser):
    """An object at the top, well-formed; anything else is a 400 that says so."""

    media_type = "application/json"
    top: ClassVar[type] = dict
    what = "object"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        text = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(text) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            data = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None
        if not isinstance(data, self.top):
            raise ParseError(f"The body must be a JSON {self.what}.")
        return data


class StrictListParser(StrictJSONParser):
    """An array at the top."""

    top: ClassVar[type] = list
    what = "array"


class MoneyJSONRenderer(BaseRenderer):
    """Answers in which a `Decimal` is a number with exactly its places: 500.00, never 500.0."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else jsonmoney.dumps(data)


def fault_of_free_form(value: Any) -> str:
    """What is wrong with a free-form JSON object that a caller wants kept; empty if nothing is."""
    if not isinstance(value, dict):
        return "Must be an object."
    if not _is_shallow(value, DEEPEST):
        return f"Must not be nested deeper than {DEEPEST} levels."
    encoded = msgspec.json.encode(value)
    if len(encoded) > LARGEST_METADATA:
        return f"Must not be larger than {LARGEST_METADATA} bytes."
    return "Must not contain null characters." if b"\\u0000" in encoded else ""


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(part, levels - 1) for part in inner)


class FreeFormField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """A JSON object that the caller made up (`metadata`), within `fault_of_free_form`'s limits."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if fault := fault_of_free_form(data):
            raise serializers.ValidationError(fault)
        return dict(data)

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value
