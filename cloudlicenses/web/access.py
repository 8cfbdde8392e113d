"""Deny first: a view that says nothing about who may come in lets nobody in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF imports this file while it makes APIView
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class Anyone(BasePermission):
    """Written out where an address is for strangers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True
