"""Fields of requests that take exactly the JSON type they say: no `"5"` for 5, no 1 for true, no line breaks in a name.

DRF's own fields convert what resembles; a program that sends the wrong type has a defect that it should hear of at once.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import Any, ClassVar

from rest_framework import serializers

from cloudlicenses.kit.lines import ONE_BARRED

IN_A_YEAR = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|02-29|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"  # 02-29: not in each year
DAY = f"2[01][0-9]{{2}}-({IN_A_YEAR})"
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = rf"({OCTET}[.]){{3}}{OCTET}(/(3[0-2]|[12]?[0-9]))?"
HEX = "[0-9A-Fa-f]{1,4}"
GROUPS = "|".join(
    [f"({HEX}:){{7}}{HEX}", f"({HEX}:){{1,7}}:", *(f"({HEX}:){{1,{left}}}(:{HEX}){{1,{7 - left}}}" for left in range(6, 0, -1)),
     f":(:{HEX}){{1,7}}", "::"]
)  # fmt: skip
IPV6 = f"({GROUPS})(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"


class Text(serializers.CharField):
    """A JSON string; surrounding space is dropped."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Line(Text):
    """A string of one line: names, ids, whatever may come to stand in a mail's subject, a table or a log.

    A subclass may set `pattern`, for the whole text: it is checked here and published in the OpenAPI. What is checked elsewhere is
    published as `told`, further members of the field's schema.
    """

    default_error_messages = {
        "control": "Control characters and line breaks are not allowed.",
        "shape": "This is not the shape of it.",
    }
    pattern: ClassVar[str] = ""
    told: ClassVar[dict[str, Any]] = {}

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and ONE_BARRED.search(data):
            self.fail("control")
        text = super().to_internal_value(data)
        if self.pattern and text and not re.fullmatch(self.pattern, text, re.ASCII):
            self.fail("shape")
        return text


class Network(Line):
    """An address or a range, IPv4 or IPv6: `10.0.0.0/8`, `2001:db8::/32`, `203.0.113.7`."""

    told: ClassVar[dict[str, Any]] = {"anyOf": [{"pattern": f"^{IPV4}$"}, {"pattern": f"^{IPV6}$"}]}
    default_error_messages = {"network": "Write an address or a range, as 10.0.0.0/8 or 2001:db8::/32."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 43} | options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not re.fullmatch(f"{IPV4}|{IPV6}", text):
            self.fail("network")
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            self.fail("network")


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
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # 5.0 is an integer, says JSON Schema
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
    """`2025-12-31`, nothing shorter or longer, from 2000 to 2199: no day of ours, and none beside it, falls off the calendar."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(DAY, value, re.ASCII):
            self.fail("invalid", format="YYYY-MM-DD, from 2000 to 2199")
        day: date = super().to_internal_value(value)
        return day


class Money(serializers.DecimalField):
    """An amount with at most two decimals, as a JSON number or as a string of digits; never below zero."""

    default_error_messages = {"invalid": "A number with at most two decimals is required."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "min_value": 0} | options)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """DRF would take blank text for null."""
        if isinstance(data, str) and not data.strip():
            self.fail("invalid")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("invalid")
        if isinstance(data, str) and not re.fullmatch(r"\d{1,10}(\.\d{1,2})?", data, re.ASCII):
            self.fail("invalid")
        return super().to_internal_value(data)
