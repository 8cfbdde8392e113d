"""Signing in: by password, then by a second factor where the person has one, or by a passkey alone. Proving again later that one
is still there. Signing out.

Who has shown a password only is nobody yet: their session remembers for a few minutes whom they may become.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts import recovery, sessions, totp
from accounts.models import User
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.people import CONFIRMED_AT, actor_of

BACKEND = "accounts.signing_in.EmailBackend"
HALF_WAY = "half_way"
HALF_WAY_SECONDS = 600


class EmailBackend(BaseBackend):
    """Looks in the users of the present scope only: `public`, or one tenant's own."""

    def authenticate(self, request: HttpRequest | None, email: str = "", password: str = "", **_: Any) -> User | None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            User().set_password(password)  # the same work, so that timing does not tell who exists
            return None
        is_right = user.check_password(password)  # asked first: timing doesn't tell either who was deactivated
        return user if is_right and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.visiting().filter(pk=user_id).first()


def enter(request: HttpRequest, user: User, *, by: str) -> None:
    """This person is in from now on, in a session of a new name."""
    request.session.pop(HALF_WAY, None)
    login(request, user, backend=BACKEND)
    confirm(request)
    request.session["started_at"] = clock.now().timestamp()
    request.session.update(_seen(request))
    events.record(
        "user.signed_in", actor=actor_of(request), subject=("user", str(user.pk)), vendor_id=user.vendor_id, by=by
    )


def wait_for_second_factor(request: HttpRequest, user: User, onward: str) -> None:
    """The password was right; a second factor must follow."""
    request.session.cycle_key()
    proof = user.get_session_auth_hash()
    request.session[HALF_WAY] = {"user": user.pk, "proof": proof, "at": clock.now().timestamp(), "next": onward}


def half_way(request: HttpRequest) -> tuple[User, str] | None:
    """Who has shown their password here a short while ago, if it still is their password; and where they were going."""
    kept = request.session.get(HALF_WAY)
    if kept is None or clock.now().timestamp() - kept["at"] > HALF_WAY_SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    return (user, kept["next"]) if user and sessions.is_proof_of(user, kept.get("proof", "")) else None


def accepts_code(request: HttpRequest, user: User, code: str) -> str:
    """Which of the person's factors this code is of (`totp`, `recovery_code`), used up now; empty for a wrong one."""
    if totp.check(user, code):
        return "totp"
    return "recovery_code" if recovery.use(user, code, actor=actor_of(request)) else ""


def confirm(request: HttpRequest) -> None:
    """They have just proved again who they are: dangerous acts are open for a while."""
    request.session[CONFIRMED_AT] = clock.now().timestamp()


def record_unproved(request: HttpRequest, user: User, refusal: Refusal) -> None:
    """Whoever sits at a browser that is signed in couldn't show that they are the person."""
    events.record(
        "user.confirmation_refused", actor=actor_of(request), subject=("user", str(user.pk)), vendor_id=user.vendor_id,
        code=refusal.code, announce=False,
    )  # fmt: skip


def leave(request: HttpRequest) -> None:
    if isinstance(request.user, User):
        events.record(
            "user.signed_out", actor=actor_of(request), subject=("user", str(request.user.pk)),
            vendor_id=request.user.vendor_id,
        )  # fmt: skip
    logout(request)


def note_presence(request: HttpRequest) -> None:
    """Now and then, where and when the session is in use. One that has lasted for too long ends."""
    now = clock.now().timestamp()
    if request.session.get("started_at", now) < now - timedelta(days=settings.SESSION_LONGEST_DAYS).total_seconds():
        leave(request)
    elif sessions.is_due(request.session.get("seen_at")):
        request.session.setdefault("started_at", now)
        request.session.update(_seen(request))


def _seen(request: HttpRequest) -> dict[str, Any]:
    return sessions.facts(ip=request.client_ip, user_agent=request.headers.get("User-Agent", ""))
