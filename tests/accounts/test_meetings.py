"""People who are changed from two sides at one instant: somebody waits, nobody is shot down, and an owner is left."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from accounts import invitations, people, recovery, resets
from accounts.models import Role, User
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import Refusal
from tenants.context import inside
from tests import builders, cast
from tests.locks import wait_until_somebody_waits

Act = Callable[[User], object]
NEW = "quite another long sentence"
ANNA, BERT = "anna@mercedes-benz.com", "bert@mercedes-benz.com"


def demote(user: User) -> None:
    people.change_role(str(user.pk), Role.VIEWER, actor=SYSTEM)


def deactivate(user: User) -> None:
    people.deactivate(str(user.pk), actor=SYSTEM)


def outcome_of(act: Callable[[], object]) -> str:
    """In a connection of its own; anything but a refusal is told by its name."""
    try:
        with inside(cast.MERCEDES.id):
            act()
    except Refusal as refusal:
        return refusal.code
    except Exception as defect:
        return type(defect).__name__
    finally:
        connections.close_all()
    return "done"


@pytest.mark.parametrize("acts", [(demote, demote), (demote, deactivate), (deactivate, deactivate)])
def test_two_owners_who_turn_on_each_other_leave_one(committed: None, acts: tuple[Act, Act]) -> None:
    for number in range(5):
        with inside(cast.MERCEDES.id):
            User.objects.all().delete()
            both = [builders.person(f"{name}{number}@mercedes-benz.com") for name in ("anna", "bert")]
        barrier, outcomes = threading.Barrier(2), list[str]()

        def turn(act: Act, on: User, barrier: threading.Barrier = barrier, told: list[str] = outcomes) -> None:
            barrier.wait()
            told.append(outcome_of(lambda: act(on)))

        threads = [threading.Thread(target=turn, args=pair) for pair in zip(acts, both, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["done", "last_owner"]
        with inside(cast.MERCEDES.id):
            assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1


def while_held(person: User, other: Callable[[], object], then: Act) -> str:
    """`other` comes while this person is held by somebody who goes on to `then`; how it ended for `other`."""
    outcomes = list[str]()
    thread = threading.Thread(target=lambda: outcomes.append(outcome_of(other)))
    with inside(cast.MERCEDES.id), transaction.atomic():
        list(User.objects.select_for_update().filter(pk=person.pk))
        thread.start()
        wait_until_somebody_waits()
        then(person)
    thread.join()
    return outcomes[0]


def test_an_invitation_is_withdrawn_while_it_is_accepted(committed: None) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
        invitation = invitations.invite(email=BERT, role=Role.VIEWER, actor=SYSTEM)
        secret = invitations.link_of(invitation).rpartition("/")[2]
    ended = while_held(
        invitation.user,
        lambda: invitations.accept(secret, NEW),
        lambda bert: people.withdraw_invitation(str(bert.pk), actor=SYSTEM),
    )
    assert ended == "invitation_unknown"
    with inside(cast.MERCEDES.id):
        assert not User.objects.filter(email=BERT).exists()


def test_somebody_is_deactivated_while_they_reset_their_password(committed: None) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
        bert = builders.person(BERT, role=Role.VIEWER)
        reset = resets.open_for(BERT, asked_in="evt-1")
        assert reset is not None
        secret = resets.link_of(reset).rpartition("/")[2]
    assert while_held(bert, lambda: resets.use(secret, NEW, actor=SYSTEM), deactivate) == "reset_unknown"
    with inside(cast.MERCEDES.id):
        assert User.objects.get(email=BERT).check_password(cast.PASSWORD)


def test_recovery_codes_that_are_made_twice_at_once_are_ten(committed: None) -> None:
    with inside(cast.MERCEDES.id):
        anna = builders.person(ANNA)
    again = while_held(
        anna, lambda: recovery.renew(anna, actor=SYSTEM), lambda person: recovery.renew(person, actor=SYSTEM)
    )
    assert again == "done"
    with inside(cast.MERCEDES.id):
        assert recovery.left(anna) == recovery.HOW_MANY
