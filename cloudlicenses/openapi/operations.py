"""Who may call an operation, read off its view: the doors of the APIs (keys/faces.py) say what they ask for.

A view with `scopes` opens for applications' or vendors' keys, one with `rights` for people too.
"""

from __future__ import annotations

import inspect
from typing import Any

from drf_spectacular.openapi import AutoSchema


class OperationSchema(AutoSchema):
    """The schema class of all our views; `security` lists what callers may show, any one of it."""

    def get_auth(self) -> list[dict[str, Any]]:
        return [{name: []} for name in self._names()]

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular asks without arguments
        """What the method's docstring says; a door's own speaks of who may come in, not of this operation."""
        if getattr(self.view, "scopes", None) is None:
            return str(super().get_description())
        return inspect.getdoc(getattr(self.view, self.method.lower())) or ""

    def _names(self) -> list[str]:
        rights, scopes = getattr(self.view, "rights", None), getattr(self.view, "scopes", None)
        if rights is None:
            return [] if scopes is None else ["vendorKey"]
        for_people = ["personalToken", "session"] if self.method in rights else []
        return ["applicationKey", *for_people] if self.method in (scopes or {}) else for_people
