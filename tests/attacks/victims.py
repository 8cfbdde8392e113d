"""Who is attacked, and what is theirs alone: colleagues, passkeys, sessions, links in their mails. All of it carries CANARY."""

from __future__ import annotations

from accounts import invitations, resets
from accounts.models import Passkey, User
from accounts.sessions import SessionStore, kept_as, public_id_of
from cloudlicenses.kit import clock
from tests import builders, cast

CANARY = "canary-of-the-victim"
PERSON = 770_001  # a number that nobody else's person, passkey or account happens to have
OWNER = f"{CANARY}@mercedes-benz.com"


def victim() -> User:
    """An owner at Mercedes; in its scope."""
    return User.objects.filter(pk=PERSON).first() or _person(role="owner")


def vendor_victim() -> User:
    """An owner at Vector; on the platform's side."""
    return User.objects.filter(pk=PERSON).first() or _person(role="vendor_owner", vendor_id=cast.VECTOR.id)


def _person(**facts: str) -> User:
    user = User(pk=PERSON, email=OWNER, name=CANARY, created_at=builders.LONG_AGO, **facts)
    user.set_password(cast.PASSWORD)
    user.save(force_insert=True)
    return user


def colleague(of: User) -> str:
    user = User(pk=PERSON + 1, email=f"2{OWNER}", name=CANARY, role=of.role, vendor_id=of.vendor_id)
    user.created_at = builders.LONG_AGO
    user.set_password(cast.PASSWORD)
    user.save(force_insert=True)
    return str(user.pk)


def passkey(user: User) -> int:
    return Passkey.objects.create(
        pk=PERSON, user=user, credential_id="AAAA", credential=b"", sign_count=0, rp_id="localhost", name=CANARY,
        created_at=clock.now(),
    ).pk  # fmt: skip


def session(user: User) -> str:
    store = SessionStore()
    store.update({"_auth_user_id": str(user.pk), "seen_at": clock.now().timestamp(), "user_agent": CANARY})
    store.create()
    return public_id_of(user.sessions.get(session_key=kept_as(str(store.session_key))))


def invitation(**of: str) -> str:
    made = invitations.invite(email=f"new-{OWNER}", name=CANARY, actor=builders.actor(), **of)
    return invitations.link_of(made).rpartition("/")[2]


def invited(**of: str) -> str:
    User.objects.create(pk=PERSON + 2, email=f"new-{OWNER}", created_at=clock.now(), password="", **of)
    return str(invitations.invite(email=f"new-{OWNER}", name=CANARY, actor=builders.actor(), **of).user_id)


def reset(user: User) -> str:
    made = resets.open_for(user.email, asked_in="evt-1")
    assert made is not None
    return resets.link_of(made).rpartition("/")[2]
