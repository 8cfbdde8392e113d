"""Where people are signed in: Django's sessions in a table of ours, so that each has its person, device and address.

This is the session engine (SESSION_ENGINE); what its rows tell beyond Django's is copied from the session's own data. A session
whose row is gone is signed out, at once and everywhere. What the browser holds is not in the table, only its hash (`kept_as`).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from accounts import links
from accounts.models import Session, User
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound

SEEN_IS_NOTED_EVERY_SECONDS = 300


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.session_key = kept_as(row.session_key)
        row.user_id = data.get(SESSION_KEY)
        row.ip, row.user_agent = data.get("ip"), data.get("user_agent", "")
        row.started_at, row.seen_at = _instant(data.get("started_at")), _instant(data.get("seen_at"))
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(kept_as(session_key))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(kept_as(key))

    def _get_session_from_db(self) -> Session | None:
        """A key that is unknown is dropped, as Django does: the next one is never of the browser's choice."""
        shown, self._session_key = self.session_key, kept_as(self.session_key or "")
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # Django's own, which its stubs leave out
        self._session_key = shown if row else None
        return row


def kept_as(session_key: str) -> str:
    """How a session's key stands in the table. It has 165 random bits, so a quick hash is enough."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


def facts(*, ip: str, user_agent: str) -> dict[str, Any]:
    """What a session is to remember of where it was last seen."""
    return {"ip": ip or None, "user_agent": user_agent[:255], "seen_at": clock.now().timestamp()}


def is_due(seen_at: float | None) -> bool:
    """Whether to note again that a session is in use: a row written at every request would cost more than it tells."""
    return seen_at is None or clock.now().timestamp() - seen_at > SEEN_IS_NOTED_EVERY_SECONDS


def sessions_of(user: User) -> QuerySet[Session]:
    """Where this person is signed in, the latest first."""
    return user.sessions.filter(expire_date__gt=clock.now()).order_by("-seen_at")


@transaction.atomic
def end(user: User, public_id: str, *, actor: Actor) -> None:
    """Sign one of this person's browsers out; raises `NotFound` for a session that isn't theirs."""
    found = next((session for session in sessions_of(user) if public_id_of(session) == public_id), None)
    if found is None:
        raise NotFound
    found.delete()
    events.record("session.ended", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id, ip=found.ip)


@transaction.atomic
def end_all(user: User, *, actor: Actor, but: str | None = None) -> int:
    """Sign this person out everywhere, `but` the session of that key; how many ended."""
    ended = user.sessions.exclude(session_key=kept_as(but)).delete()[0] if but else user.sessions.all().delete()[0]
    if ended:
        events.record(
            "session.all_ended", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id, ended=ended
        )
    return ended


def is_proof_of(user: User, proof: str) -> bool:
    """Whether this was kept (`get_session_auth_hash`) under the password that the person has now."""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(proof, one) for one in hashes)


def public_id_of(session: Session) -> str:
    """What names a session in an address."""
    return links.hash_of(session.session_key)[:32]


def _instant(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
