"""What may be sent about people, and how a person is shown: never a word of passwords, factors' secrets or sessions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.roles import TENANT
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Email, Flag, Line

STATES = ("active", "invited", "deactivated")


class InviteRequest(serializers.Serializer[Any]):
    email = Email()
    name = Line(max_length=255, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=tuple(TENANT))


class ChangeRequest(serializers.Serializer[Any]):
    """Only what is named changes."""

    role = serializers.ChoiceField(choices=tuple(TENANT), required=False)
    is_active = Flag(required=False)


class UserAnswer(serializers.Serializer[Any]):
    """A person. `invited`: has not set a password yet."""

    user_id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=tuple(TENANT))
    state = serializers.ChoiceField(choices=STATES)
    has_second_factor = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_sign_in_at = serializers.DateTimeField(allow_null=True)


def shown(user: User) -> dict[str, Any]:
    return {
        "user_id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "state": user.state,
        "has_second_factor": user.second_factor_since is not None,
        "created_at": rfc3339(user.created_at),
        "last_sign_in_at": rfc3339(user.last_login) if user.last_login else None,
    }
