"""A tenant's people over HTTP: list, invite, change roles, deactivate and let in again. There is always an active owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import invitations, people, queries
from accounts.models import User
from cloudlicenses.users import serializers
from cloudlicenses.web.pagination import PARAMETERS, answer_of, page_of
from keys.faces import TenantApi

READ, MANAGE = "users:read", "users:manage"
BY_ADDRESS = ("email",)


class Users(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "POST": MANAGE}
    confirmed = frozenset({"POST"})

    @extend_schema(
        operation_id="listUsers", parameters=PARAMETERS, responses=answer_of("UserPage", serializers.UserAnswer)
    )
    def get(self, request: Request) -> Response:
        """Everybody, by address; whoever is invited or deactivated too."""
        return Response(page_of(queries.people(), request.query_params, serializers.shown, order=BY_ADDRESS))

    @extend_schema(
        operation_id="inviteUser", request=serializers.InviteRequest, responses={201: serializers.UserAnswer}
    )
    def post(self, request: Request) -> Response:
        """They get a link by mail to set a password. Inviting again, before they have, sends a new link and ends the former."""
        sent = serializers.InviteRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = dict(sent.validated_data)
        return self.once(request, lambda: (201, serializers.shown(invitations.invite(**wanted, actor=self.actor).user)))


class OneUser(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "PATCH": MANAGE, "DELETE": MANAGE}
    confirmed = frozenset({"PATCH", "DELETE"})

    @extend_schema(operation_id="getUser", responses=serializers.UserAnswer)
    def get(self, request: Request, user_id: str) -> Response:
        """One person."""
        return Response(serializers.shown(queries.person(user_id)))

    @extend_schema(operation_id="changeUser", request=serializers.ChangeRequest, responses=serializers.UserAnswer)
    def patch(self, request: Request, user_id: str) -> Response:
        """Another role, deactivate (`is_active: false`) or let in again. The last active owner stays one."""
        sent = serializers.ChangeRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(serializers.shown(self._change(user_id, **sent.validated_data)))

    @extend_schema(operation_id="removeUser", responses={200: serializers.UserAnswer})
    def delete(self, request: Request, user_id: str) -> Response:
        """Deactivate: signed out everywhere at once, tokens revoked. What they did stays in the audit log. Repeatable."""
        return Response(serializers.shown(people.deactivate(user_id, actor=self.actor)))

    @transaction.atomic
    def _change(self, user_id: str, role: str = "", is_active: bool | None = None) -> User:
        if role:
            people.change_role(user_id, role, actor=self.actor)
        if is_active is not None:
            (people.reactivate if is_active else people.deactivate)(user_id, actor=self.actor)
        return queries.person(user_id)
