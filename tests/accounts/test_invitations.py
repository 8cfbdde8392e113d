"""Invitations: a link works once, for a while, and only its hash is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from accounts import invitations
from accounts.models import Invitation, Role, User
from accounts.refusals import InvitationExpired, InvitationUnknown, InvitationUsed, PersonExists
from audit.models import AuditEntry
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import InvalidInput
from tenants.context import inside
from tests.accounts.conftest import Pass

pytestmark = pytest.mark.usefixtures("inside_mercedes")
PASSWORD = "correct horse battery staple"


def invite(email: str = "alice@mercedes.example", role: str = Role.VIEWER) -> Invitation:
    return invitations.invite(email=email, name="Alice", role=role, actor=SYSTEM)


def secret_of(invitation: Invitation) -> str:
    return invitations.link_of(invitation).rsplit("/", 1)[1]


def test_the_person_is_there_and_cannot_sign_in_yet() -> None:
    invite("Alice@Mercedes.example", Role.FINANCE)
    alice = User.objects.get()
    assert (alice.email, alice.name, alice.role, alice.is_active) == (
        "alice@mercedes.example",
        "Alice",
        "finance",
        True,
    )
    assert not alice.check_password("")


def test_the_secret_is_nowhere_in_the_database() -> None:
    invitation = invite()
    assert secret_of(invitation) not in str(Invitation.objects.values().get())
    assert secret_of(invitation) not in str(AuditEntry.objects.values().get())


def test_looking_at_an_invitation_does_not_use_it_up() -> None:
    secret = secret_of(invite())
    assert invitations.find(secret) == invitations.find(secret)


def test_accepting_sets_the_password_and_uses_it_up() -> None:
    secret = secret_of(invite())
    alice = invitations.accept(secret, PASSWORD)
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
    entry = AuditEntry.objects.get(event="invitation.accepted")
    assert (entry.actor_kind, entry.actor_label) == ("user", "alice@mercedes.example")
    with pytest.raises(InvitationUsed):
        invitations.accept(secret, "another fine password")
    with pytest.raises(InvitationUsed):
        invitations.find(secret)
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_it_expires(settings: Settings, let_pass: Pass) -> None:
    secret = secret_of(invite())
    let_pass(timedelta(hours=settings.INVITATION_HOURS))
    with pytest.raises(InvitationExpired):
        invitations.accept(secret, PASSWORD)
    assert User.objects.get().password == ""


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "é" * 43, "\0"])
def test_a_link_to_nothing(secret: str) -> None:
    invite()
    with pytest.raises(InvitationUnknown):
        invitations.find(secret)
    with pytest.raises(InvitationUnknown):
        invitations.accept(secret, PASSWORD)


@pytest.mark.parametrize("weak", ["", "short", "123456789012345", "password1234", "alice@mercedes.example"])
def test_a_weak_password_is_refused_and_the_link_still_works(weak: str) -> None:
    secret = secret_of(invite())
    with pytest.raises(InvalidInput) as refused:
        invitations.accept(secret, weak)
    assert {error.field for error in refused.value.errors} == {"password"}
    assert invitations.accept(secret, PASSWORD).email == "alice@mercedes.example"


def test_inviting_again_ends_the_earlier_link() -> None:
    first = secret_of(invite())
    second = secret_of(invite(role=Role.OWNER))
    with pytest.raises(InvitationExpired):
        invitations.accept(first, PASSWORD)
    assert invitations.accept(second, PASSWORD).role == Role.OWNER
    assert User.objects.count() == 1


def test_whoever_has_accepted_is_not_invited_again() -> None:
    invitations.accept(secret_of(invite()), PASSWORD)
    with pytest.raises(PersonExists):
        invite(role=Role.OWNER)
    assert User.objects.get().role == Role.VIEWER


def test_no_address_no_invitation() -> None:
    with pytest.raises(InvalidInput):
        invite("nobody")
    assert not User.objects.exists()


def test_a_deactivated_persons_link_is_dead() -> None:
    secret = secret_of(invite())
    User.objects.update(is_active=False)
    with pytest.raises(InvitationUnknown):
        invitations.accept(secret, PASSWORD)


def test_a_new_secret_key_keeps_links_alive_while_the_old_one_is_named(settings: Settings) -> None:
    invitation = invite()
    secret = secret_of(invitation)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new secret key, as long as it should be, for this test"
    assert secret_of(invitation) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert invitations.link_of(invitation) == ""


def test_a_link_of_one_tenant_opens_nothing_at_another() -> None:
    secret = secret_of(invite())
    with inside("bmw"):
        invite()
        with pytest.raises(InvitationUnknown):
            invitations.accept(secret, PASSWORD)
