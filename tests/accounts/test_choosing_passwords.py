"""What no password may be: words that everybody here knows, and what has leaked elsewhere; and that others are taken."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.familiar import FamiliarWordsValidator
from accounts.models import User
from tenants.context import inside
from tests import cast

LEAST = 12
ANNA = User(email="anna.lindqvist@mercedes-benz.com", name="Anna Lindqvist")
STRANGER = User(email="max@example.com", name="Max")


def faults(password: str, person: User = ANNA) -> set[str]:
    try:
        validate_password(password, person)
    except ValidationError as refused:
        return {str(error.code) for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "LicenseServer2026!", "checkout-overage-1", "vendor tenant ledger", "commit overage seats", "Overage_Heartbeat_7",
        "license-administrator", "DaVinciConfigurator#1", "Lindqvist-Licenses-26", "mercedes benz license",
        "!!Floating.Seats.2027!!",
    ],
)  # fmt: skip
def test_words_that_everybody_here_knows_make_no_password(password: str, db: None) -> None:
    assert zxcvbn(password)["score"] >= 3, "it is refused by nothing but its words"
    with inside(cast.MERCEDES.id):
        assert "password_of_familiar_words" in faults(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "violet license umbrella", "Tr0mbone&Seats&Glacier", "zß漢字-Ωmega-Ünterwegs"],
)
def test_such_a_word_among_others_does_no_harm(password: str, db: None) -> None:
    with inside(cast.MERCEDES.id):
        assert faults(password) == set()


def test_what_is_familiar_depends_on_the_company(db: None) -> None:
    found = {}
    for company in cast.CUSTOMERS:
        with inside(company.id):
            found[company.id] = "password_of_familiar_words" in faults("mercedes+benz+mercedes", STRANGER)
    assert found == {"mercedes": True, "bmw": False}


def test_a_word_that_begins_or_ends_like_one_of_them_is_another(db: None) -> None:
    with inside(cast.MERCEDES.id):
        assert faults("seventh border monkey") == set()


def test_judging_takes_no_longer_for_words_that_overlap(db: None) -> None:
    with inside(cast.MERCEDES.id):
        began = time.process_time()
        FamiliarWordsValidator().validate("cloudlicenses" * 9 + "umbrella", ANNA)
        assert time.process_time() - began < 1


def test_no_password_of_the_shipped_lists_of_leaked_ones_is_taken(db: None) -> None:
    leaked = CommonPasswordValidator().passwords | set(FREQUENCY_LISTS["passwords"])
    assert len(leaked) > 40_000
    long_enough = [password for password in leaked if len(password) >= LEAST]
    assert len(long_enough) > 100
    assert [password for password in long_enough if not faults(password)] == []
