"""A browser's talk with its device about passkeys: what was asked is kept in the session, and answered once."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.passkeys import Place
from accounts.refusals import PasskeyRefused
from cloudlicenses.kit import clock

QUESTION = "passkey_question"
QUESTION_SECONDS = 300


def place_of(request: HttpRequest) -> Place:
    """The host this request came to; tenants.hosts has checked that it is one of ours."""
    host = request.get_host()
    return Place(host=host.rpartition(":")[0] or host, origin=f"{settings.URL_SCHEME}://{host}")


def keep_question(request: HttpRequest, state: Any) -> None:
    request.session[QUESTION] = {"state": state, "at": clock.now().timestamp()}


def kept_question(request: HttpRequest) -> Any:
    """What was asked a short while ago, this once; raises `PasskeyRefused`."""
    kept = request.session.pop(QUESTION, None)
    if kept is None or clock.now().timestamp() - kept["at"] > QUESTION_SECONDS:
        raise PasskeyRefused
    return kept["state"]


def answer_of_browser(request: HttpRequest) -> dict[str, Any]:
    """What the form brought; raises `PasskeyRefused` for what isn't JSON."""
    try:
        answer = json.loads(request.POST.get("answer", ""))
    except ValueError:
        raise PasskeyRefused from None
    if not isinstance(answer, dict):
        raise PasskeyRefused
    return answer
