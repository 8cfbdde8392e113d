"""Somebody who is to be forgotten: by which values they are known, and what stands in their place afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cloudlicenses.kit import ids

LEAST_LENGTH = 3  # a shorter value stands in too many words


@dataclass(frozen=True)
class Person:
    """`names`: addresses, names, user names, each of which means this person alone, in any case. `user_id`: of their account.

    The pseudonym is drawn once: what they did stays theirs together, and leads to nobody.
    """

    names: tuple[str, ...]
    user_id: str = ""
    pseudonym: str = field(default_factory=lambda: ids.new_id("erased", length=10))

    @classmethod
    def known_as(cls, names: Iterable[str], user_id: str = "") -> Person:
        return cls(tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip())), user_id)

    def is_named(self, text: str) -> bool:
        """Whether the whole of it is one of their names."""
        return text.lower() in self.names

    def concealed(self, value: Any) -> Any:
        """The same text, or whatever JSON holds, with the pseudonym wherever a name stands by itself."""
        if isinstance(value, str):
            return self._pattern.sub(self.pseudonym, value)
        if isinstance(value, list):
            return [self.concealed(one) for one in value]
        if isinstance(value, dict):
            return {self.concealed(name): self.concealed(one) for name, one in value.items()}
        return value

    def spellings(self) -> list[str]:
        """Their names as text may hold them, plainly and as JSON writes them."""
        written = [json.dumps(name, ensure_ascii=False)[1:-1] for name in self.names]
        escaped = [json.dumps(one)[1:-1] for name in self.names for one in (name, name.upper())]  # \u00f6 and \u00d6
        return list(dict.fromkeys([*self.names, *written, *escaped]))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.spellings(), key=len, reverse=True)
        names = "|".join(map(re.escape, longest_first))
        return re.compile(rf"(?<![\w@.+-])(?:{names})(?![\w@-]|\.\w)", re.IGNORECASE)
