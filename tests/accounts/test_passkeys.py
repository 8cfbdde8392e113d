"""Passkeys: bound to the host and the person, verified by the device, refused when anything about the answer is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts import passkeys
from accounts.models import Passkey, Role, User
from accounts.passkeys import Place
from accounts.refusals import PasskeyRefused
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import NotFound
from tenants.context import inside
from tests import builders, cast, sites
from tests.accounts.authenticator import PRESENT, Authenticator

HERE = Place("mercedes.localhost", "http://mercedes.localhost:8000")
ANNA = "anna@mercedes-benz.com"


@pytest.fixture
def anna(inside_mercedes: object) -> User:
    return builders.person(ANNA)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(HERE.host, HERE.origin)


def registered(user: User, device: Authenticator) -> list[str]:
    question, state = passkeys.begin_making(user, HERE)
    return passkeys.make(user, HERE, state, device.made(question), name="Laptop", actor=SYSTEM)[1]


def asked(device: Authenticator, user: User | None = None) -> User:
    question, state = passkeys.begin_asking(HERE, user)
    return passkeys.recognise(HERE, state, device.answered(question), user)


def test_the_first_passkey_brings_recovery_codes_and_lets_in(anna: User, device: Authenticator) -> None:
    assert len(registered(anna, device)) == 10
    assert User.objects.get(pk=anna.pk).second_factor_since is not None
    assert registered(anna, Authenticator(HERE.host, HERE.origin)) == []
    assert asked(device) == anna
    assert asked(device, anna) == anna
    assert Passkey.objects.exclude(last_used_at=None).count() == 1


def test_the_question_is_fit_for_a_browser_and_names_what_is_there_already(anna: User, device: Authenticator) -> None:
    registered(anna, device)
    question = json.loads(json.dumps(passkeys.begin_making(anna, HERE)[0]))["publicKey"]
    assert question["rp"]["id"] == HERE.host
    assert len(question["excludeCredentials"]) == 1
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert "mercedes" not in question["user"]["id"]


SPOILING: dict[str, Callable[[Authenticator], object]] = {
    "another host": lambda device: setattr(device, "rp_id", "bmw.localhost"),
    "another origin": lambda device: setattr(device, "origin", "https://evil.example"),
    "a host above": lambda device: setattr(device, "origin", "http://localhost:8000"),
    "nobody verified": lambda device: setattr(device, "flags", PRESENT),
    "another key": lambda device: setattr(device, "key", Authenticator("", "").key),
    "an unknown credential": lambda device: setattr(device, "credential_id", b"x" * 32),
}


@pytest.mark.parametrize("what", SPOILING)
def test_a_wrong_answer_lets_nobody_in(anna: User, device: Authenticator, what: str) -> None:
    registered(anna, device)
    SPOILING[what](device)
    with pytest.raises(PasskeyRefused):
        asked(device)


@pytest.mark.parametrize("what", ["another host", "another origin", "nobody verified"])
def test_a_wrong_answer_makes_no_passkey(anna: User, device: Authenticator, what: str) -> None:
    SPOILING[what](device)
    with pytest.raises(PasskeyRefused):
        registered(anna, device)
    assert not Passkey.objects.exists()


def test_an_answer_to_another_question_is_refused(anna: User, device: Authenticator) -> None:
    registered(anna, device)
    former, _ = passkeys.begin_asking(HERE)
    _, state = passkeys.begin_asking(HERE)
    with pytest.raises(PasskeyRefused):
        passkeys.recognise(HERE, state, device.answered(former))


def test_a_copied_device_is_told_by_its_counter(anna: User, device: Authenticator) -> None:
    device.count = 5
    registered(anna, device)
    device.count = 6
    assert asked(device) == anna
    with pytest.raises(PasskeyRefused):
        asked(device)


@pytest.mark.parametrize("answer", [{}, {"id": 1}, {"rawId": "x", "response": {}}, {"rawId": "é", "response": []}])
def test_what_is_no_answer_is_refused(anna: User, answer: Any) -> None:
    _, state = passkeys.begin_asking(HERE)
    with pytest.raises(PasskeyRefused):
        passkeys.recognise(HERE, state, answer)
    _, state = passkeys.begin_making(anna, HERE)
    with pytest.raises(PasskeyRefused):
        passkeys.make(anna, HERE, state, answer, name="x", actor=SYSTEM)


def test_one_persons_passkey_is_no_second_step_of_another(anna: User, device: Authenticator) -> None:
    registered(anna, device)
    bob = builders.person("bob@mercedes-benz.com")
    with pytest.raises(PasskeyRefused):
        asked(device, bob)
    with pytest.raises(NotFound):
        passkeys.remove(bob, Passkey.objects.get().pk, actor=SYSTEM)


def test_a_removed_or_deactivated_persons_passkey_is_nobodys(anna: User, device: Authenticator) -> None:
    registered(anna, device)
    User.objects.update(is_active=False)
    with pytest.raises(PasskeyRefused):
        asked(device)
    User.objects.update(is_active=True)
    passkeys.remove(anna, Passkey.objects.get().pk, actor=SYSTEM)
    with pytest.raises(PasskeyRefused):
        asked(device)


def test_an_answer_is_taken_once_through_the_pages(db: None, device: Authenticator, mercedes_site: sites.Site) -> None:
    with inside(cast.MERCEDES.id):
        registered(builders.person(ANNA), device)
    question = mercedes_site.post("/login/passkey/question").json()
    answer = {"answer": json.dumps(device.answered(question)), "next": "/keys"}
    stolen = sites.tenant(cast.MERCEDES.id)
    assert stolen.post("/login/passkey", answer).headers["Location"] == "/login?next=%2Fkeys"
    assert mercedes_site.post("/login/passkey", answer).headers["Location"] == "/keys"
    assert mercedes_site.get("/").status_code == 200
    mercedes_site.post("/logout")
    assert mercedes_site.post("/login/passkey", answer).headers["Location"] == "/login?next=%2Fkeys"


@pytest.mark.parametrize("answer", ["", "null", "[]", "{", "9" * 5000])
def test_nonsense_from_a_browser_is_refused_in_words(db: None, mercedes_site: sites.Site, answer: str) -> None:
    mercedes_site.post("/login/passkey/question")
    refused = mercedes_site.post("/login/passkey", {"answer": answer}, follow=True)
    assert b"This passkey is not known here." in refused.content


def test_a_passkey_made_at_one_host_is_unknown_at_another(
    db: None, device: Authenticator, bmw_site: sites.Site
) -> None:
    with inside(cast.MERCEDES.id):
        registered(builders.person(ANNA, role=Role.VIEWER), device)
    answer = {"answer": json.dumps(device.answered(bmw_site.post("/login/passkey/question").json()))}
    assert bmw_site.post("/login/passkey", answer).headers["Location"].startswith("/login")
