"""A tenant's people: there is always an active owner."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from accounts import invitations, people, tokens
from accounts.models import Role, User
from accounts.refusals import InvitationUnknown, LastOwner, PersonExists, TokenInvalid
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import NotFound, Refusal
from tenants.context import inside


def person(name: str, role: str = Role.OWNER) -> User:
    return User.objects.create(email=f"{name}@mercedes.example", role=role, created_at=clock.now())


@pytest.mark.usefixtures("inside_mercedes")
def test_a_role_is_changed_and_audited() -> None:
    person("olga")
    bob = person("bob", Role.VIEWER)
    assert people.change_role(str(bob.pk), Role.FINANCE, actor=SYSTEM).role == Role.FINANCE
    assert AuditEntry.objects.get(event="user.role_changed").facts == {"before": "viewer", "after": "finance"}


@pytest.mark.usefixtures("inside_mercedes")
def test_the_last_owner_stays() -> None:
    olga = person("olga")
    person("bob", Role.LICENSE_ADMIN)
    with pytest.raises(LastOwner):
        people.change_role(str(olga.pk), Role.VIEWER, actor=SYSTEM)
    with pytest.raises(LastOwner):
        people.deactivate(str(olga.pk), actor=SYSTEM)
    assert User.objects.get(pk=olga.pk).role == Role.OWNER
    assert people.change_role(str(olga.pk), Role.OWNER, actor=SYSTEM).role == Role.OWNER


@pytest.mark.usefixtures("inside_mercedes")
def test_whoever_is_deactivated_is_out_at_once() -> None:
    person("olga")
    bob = invitations.invite(email="bob@mercedes.example", role=Role.VIEWER, actor=SYSTEM)
    link = invitations.link_of(bob)
    _, token = tokens.issue(bob.user, "laptop", actor=SYSTEM)
    people.deactivate(str(bob.user.pk), actor=SYSTEM)
    people.deactivate(str(bob.user.pk), actor=SYSTEM)
    with pytest.raises(TokenInvalid):
        tokens.recognise(token, "mercedes")
    with pytest.raises(InvitationUnknown):
        invitations.find(link.rsplit("/", 1)[1])
    assert AuditEntry.objects.filter(event="user.deactivated").count() == 1


@pytest.mark.usefixtures("inside_mercedes")
@pytest.mark.parametrize("user_id", ["0", "9" * 30, "x", "", "１"])
def test_nobody_is_found_by_a_wrong_id(user_id: str) -> None:
    person("olga")
    with pytest.raises(NotFound):
        people.deactivate(user_id, actor=SYSTEM)


def test_two_owners_who_remove_each_other_leave_one(committed: None) -> None:
    with inside("mercedes"):
        both = [person("olga"), person("otto")]
    barrier, outcomes = threading.Barrier(2), []

    def remove(owner: User) -> None:
        barrier.wait()
        try:
            with inside("mercedes"):
                people.deactivate(str(owner.pk), actor=SYSTEM)
            outcomes.append("removed")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        connections.close_all()

    threads = [threading.Thread(target=remove, args=(owner,)) for owner in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last_owner", "removed"]


@pytest.mark.usefixtures("inside_mercedes")
def test_whoever_was_deactivated_before_they_accepted_is_let_in_before_they_are_invited_again() -> None:
    person("olga")
    bob = invitations.invite(email="bob@mercedes.example", role=Role.VIEWER, actor=SYSTEM).user
    people.deactivate(str(bob.pk), actor=SYSTEM)
    with pytest.raises(PersonExists):  # a link would lead nowhere
        invitations.invite(email="bob@mercedes.example", role=Role.OWNER, actor=SYSTEM)
    people.reactivate(str(bob.pk), actor=SYSTEM)
    again = invitations.invite(email="bob@mercedes.example", role=Role.VIEWER, actor=SYSTEM)
    assert invitations.find(invitations.link_of(again).rpartition("/")[2]).user == bob
