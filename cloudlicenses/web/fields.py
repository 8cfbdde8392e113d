"""Fields of requests that take exactly the JSON type they say: no `"5"` for 5, no 1 for true, no line breaks in a name.

DRF's own fields convert what resembles; a program that sends the wrong type has a defect that it should hear of at once.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rest_framework import serializers

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Text(serializers.CharField):
    """A JSON string; surrounding space is dropped."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Line(Text):
    """A string of one line: names, ids, whatever may come to stand in a mail's subject, a table or a log."""

    default_error_messages = {"control": "Control characters and line breaks are not allowed."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if CONTROL.search(text):
            self.fail("control")
        return text


class Email(serializers.EmailField):
    """An address as a JSON string, at most as long as SMTP allows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254} | options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON number without fraction."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    """`2025-12-31`, nothing shorter or longer."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day: date = super().to_internal_value(value)
        return day


class Money(serializers.DecimalField):
    """An amount with at most two decimals, as a JSON number or as a string of digits; never below zero."""

    default_error_messages = {"invalid": "A number with at most two decimals is required."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "min_value": 0} | options)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("invalid")
        if isinstance(data, str) and not re.fullmatch(r"\d{1,10}(\.\d{1,2})?", data, re.ASCII):
            self.fail("invalid")
        return super().to_internal_value(data)
