"""Personal tokens: shown once, stored hashed, good for their own tenant while person and token last."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts import tokens
from accounts.models import PersonalToken, Role, User
from accounts.refusals import TokenExpired, TokenInvalid, TokenRevoked
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import NotFound
from tenants.context import inside
from tests.accounts.conftest import Pass

pytestmark = pytest.mark.usefixtures("inside_mercedes")


@pytest.fixture
def alice(inside_mercedes: object) -> User:
    return User.objects.create(email="alice@mercedes.example", role=Role.OWNER, created_at=clock.now())


def issue(user: User, **options: Any) -> str:
    return tokens.issue(user, "laptop", actor=SYSTEM, **options)[1]


def test_a_token_is_recognised_and_kept_nowhere(alice: User) -> None:
    text = issue(alice)
    assert re.fullmatch(r"clpt_mercedes_[0-9A-Za-z]{49}", text)
    assert tokens.recognise(text, "mercedes").user == alice
    kept = PersonalToken.objects.get()
    assert text not in str(PersonalToken.objects.values().get())
    assert text not in str(AuditEntry.objects.values().get(event="token.issued"))
    assert kept.hint == text[-4:]
    assert kept.last_used_at is not None


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1], lambda text: f"{text[:-1]}é", lambda text: text.upper(), lambda text: ""]
)
def test_a_changed_token_is_unknown(alice: User, change: Callable[[str], str]) -> None:
    with pytest.raises(TokenInvalid):
        tokens.recognise(change(issue(alice)), "mercedes")


def test_another_tenants_token_is_unknown(alice: User) -> None:
    text = issue(alice)
    with inside("bmw"), pytest.raises(TokenInvalid):
        tokens.recognise(text, "bmw")


def test_a_token_expires(alice: User, let_pass: Pass) -> None:
    text = issue(alice, expires_at=clock.now() + timedelta(days=1))
    assert tokens.recognise(text, "mercedes").user == alice
    let_pass(timedelta(days=1))
    with pytest.raises(TokenExpired):
        tokens.recognise(text, "mercedes")


def test_a_revoked_token_opens_nothing(alice: User) -> None:
    token, text = tokens.issue(alice, "laptop", actor=SYSTEM)
    tokens.revoke(alice, token.id, actor=SYSTEM)
    tokens.revoke(alice, token.id, actor=SYSTEM)
    with pytest.raises(TokenRevoked):
        tokens.recognise(text, "mercedes")
    assert AuditEntry.objects.filter(event="token.revoked").count() == 1


def test_nobody_revokes_another_persons_token(alice: User) -> None:
    token, text = tokens.issue(alice, "laptop", actor=SYSTEM)
    bob = User.objects.create(email="bob@mercedes.example", role=Role.OWNER, created_at=clock.now())
    with pytest.raises(NotFound):
        tokens.revoke(bob, token.id, actor=SYSTEM)
    assert tokens.recognise(text, "mercedes").user == alice


def test_a_deactivated_persons_token_opens_nothing(alice: User) -> None:
    text = issue(alice)
    User.objects.update(is_active=False)
    with pytest.raises(TokenInvalid):
        tokens.recognise(text, "mercedes")
