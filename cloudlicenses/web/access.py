"""Deny first: a view that says nothing about who may come in lets nobody in.

A page says `@needs("keys:manage")` (people.py) or `@for_anyone`; a view of the API has a door (keys.faces) or its permissions
written out. What says nothing of the kind is refused before it runs, and a test finds it before that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF imports this file while it makes APIView
    from rest_framework.views import APIView

View = TypeVar("View", bound=Callable[..., Any])


class DenyAll(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class Anyone(BasePermission):
    """Written out where an address is for strangers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True


def for_anyone(view: View) -> View:
    """A page for strangers too; its docstring says why. Whatever it does for those signed in, it asks for itself."""
    view.is_for_anyone = True  # type: ignore[attr-defined]  # read below
    return view


def right_needed(view: Callable[..., Any]) -> str | None:
    """What a page asks of its visitor: a right, nothing ("": it is for anyone), or None where nobody said."""
    if getattr(view, "is_for_anyone", False):
        return ""
    return getattr(view, "needed_right", None)


class DenyUndeclaredMiddleware:
    """Views of the API answer for themselves (`DenyAll` is their default); pages must have said who may come in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if right_needed(view) is None and not hasattr(view, "cls"):
            raise PermissionDenied
