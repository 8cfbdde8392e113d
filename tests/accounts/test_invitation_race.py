"""One link, two browsers, one instant."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from accounts import invitations
from accounts.models import Role, User
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import Refusal
from tenants.context import inside

PASSWORD = "correct horse battery staple"


@pytest.fixture
def committed_secret(committed: None) -> Iterator[str]:
    with inside("mercedes"):
        yield invitations.link_of(
            invitations.invite(email="alice@mercedes.example", role=Role.VIEWER, actor=SYSTEM)
        ).rsplit("/", 1)[1]


def test_of_two_at_once_one_sets_the_password(committed_secret: str) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def accept(password: str) -> None:
        barrier.wait()
        try:
            with inside("mercedes"):
                invitations.accept(committed_secret, password)
            outcomes.append(password)
        except Refusal as refusal:
            outcomes.append(refusal.code)
        connections.close_all()

    threads = [threading.Thread(target=accept, args=(f"{PASSWORD} {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [outcome for outcome in outcomes if outcome != "invitation_used"]
    assert len(outcomes) == 2
    assert User.objects.get().check_password(winner)
