"""What may stand in a log line: no secret, by its name or by its look, and no character that could draw a line of its own.

Whoever logs is asked not to hand over secrets; this is for what comes in paths, addresses and error texts all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
SECRET_NAMES = ("password", "secret", "token", "authorization", "api_key", "cookie", "signature", "verification")

LOOKS = (
    (re.compile(r"\b(cl[a-z]{2}_[a-z0-9-]+_)[0-9A-Za-z]{4,}"), r"\1" + HIDDEN),  # keys and tokens (kit/tokens.py)
    (re.compile(r"\beyJ[\w-]+\.[\w-]*\.?[\w-]*"), HIDDEN),  # JWS: packages, leases
    (re.compile(r"\bwhsec_[\w+/=-]+"), HIDDEN),  # secrets of webhooks
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), r"\1 " + HIDDEN),
    (re.compile(r"(/(?:invitations|resets|alerts/revoke)/)[^/\s\"'?#]+"), r"\1" + HIDDEN),
    (re.compile(r"(cloudlicenses-verify=)[\w-]+"), r"\1" + HIDDEN),
    (re.compile(r"(://)[^/\s:@\"']*:[^/\s@\"']+@"), r"\1" + HIDDEN + "@"),  # credentials in a URL
    (re.compile(rf"(?i)\b([\w-]*(?:{'|'.join(SECRET_NAMES)}|cl_session|csrf)[\w-]*[\"']?\s*[=:]\s*[\"']?)[^&\s\"',;}}]+"),
     r"\1" + HIDDEN),
)  # fmt: skip
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
UNPRINTABLE_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
MULTILINE = frozenset(("exception", "stack"))  # tracebacks: their lines are indented under the event
DEEPEST = 6


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: the last before rendering."""
    return {name: _hidden_or(name, value, DEEPEST) for name, value in event.items()}


def without_secrets(text: str) -> str:
    """The text, with whatever looks like a secret of ours hidden."""
    for look, instead in LOOKS:
        text = look.sub(instead, text)
    return text


def _hidden_or(name: str, value: Any, levels: int) -> Any:
    if any(part in name.lower() for part in SECRET_NAMES):
        return HIDDEN
    if name in MULTILINE and isinstance(value, str):
        indented = without_secrets(value).replace("\n", "\n    ")
        return UNPRINTABLE_BUT_LINES.sub(_escaped, indented)
    return _clean(value, levels)


def _clean(value: Any, levels: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping) and levels:
        return {_clean_text(str(name)): _hidden_or(str(name), inner, levels - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and levels:
        return [_clean(inner, levels - 1) for inner in value]
    return _clean_text(value if isinstance(value, str) else repr(value))


def _clean_text(text: str) -> str:
    return UNPRINTABLE.sub(_escaped, without_secrets(text))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
