"""An urlconf of somebody who forgot to say who may come in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def open_to_whom(request: HttpRequest) -> HttpResponse:
    """Nobody knows."""
    return HttpResponse("what nobody should see")


urlpatterns = [path("careless", open_to_whom)]
