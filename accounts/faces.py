"""What pages of every app may ask about their visitor."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def visitor(request: HttpRequest) -> User:
    """The person signed in, for views that `@needs(...)` guards."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
