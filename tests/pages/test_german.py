"""Whoever reads German is answered in German on all three hosts; programs, and whoever asks for nothing, in English."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from accounts.models import User
from cloudlicenses.web.templatetags import pages
from tenants.context import inside
from tests import cast, sites

GERMAN = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}


def read(site: sites.Site, path: str, headers: dict[str, str] | None = None) -> str:
    answer = site.get(path, headers=headers if headers is not None else GERMAN)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("path", "german", "english"),
    [
        ("/", "Übersicht", ">Overview<"),
        ("/licenses", "Lizenzen", ">Licenses<"),
        ("/keys", "API-Schlüssel", ">API keys<"),
        ("/costs", "Kosten", ">Costs<"),
        ("/users", "Benutzer", ">Users<"),
        ("/audit", "Protokoll", ">Audit log<"),
        ("/account", "Mein Konto", ">My account<"),
    ],
)
def test_a_tenants_pages_are_german(path: str, german: str, english: str, owner: sites.Site):
    text = read(owner, path)
    assert '<html lang="de"' in text
    assert german in text
    assert english not in text


@pytest.mark.parametrize("path", ["/", "/licenses", "/customers", "/products"])
def test_a_vendors_pages_are_german(path: str, seller: sites.Site):
    text = read(seller, path)
    assert '<html lang="de"' in text
    assert "Kunden" in text
    assert not [word for word in (">Customers<", ">Licenses<", ">Products<", ">Settings<") if word in text]


def test_the_platforms_door_is_german(db: None, apex: sites.Site):
    text = read(apex, "/")
    assert '<html lang="de"' in text
    assert "Lizenzen in der Cloud, abgerechnet nach Nutzung" in text
    assert "Sign up your company" not in text
    assert "Unternehmen" in read(apex, "/signup")


def test_english_is_for_everybody_else(db: None, apex: sites.Site):
    for asked in ({}, {"accept-language": "fr"}):
        assert '<html lang="en"' in read(apex, "/", asked)
    assert "Accept-Language" in apex.get("/").headers["Vary"]


def test_ones_profile_wins_over_the_browser(owner: sites.Site):
    assert '<option value="de">Deutsch</option>' in read(owner, "/account", {"accept-language": "en"})
    sent = {"name": "Anna", "language": "de", "time_zone": "Europe/Berlin"}
    assert owner.post("/account", sent).status_code == 302
    with inside(cast.MERCEDES.id):
        assert User.objects.get(email="owner@mercedes-benz.com").language == "de"
    assert '<html lang="de"' in read(owner, "/account", {"accept-language": "en"})


def test_programs_are_answered_in_english(owner: sites.Site):
    answer = owner.get("/api/v1/nothing", headers=GERMAN)
    assert answer.status_code == 404
    assert answer.json()["title"] == "There is nothing here."
    assert answer.headers["Content-Language"] == "en"


def test_money_and_numbers_are_written_as_the_reader_writes_them():
    with translation.override("de"):
        assert pages.money(Decimal(27000), "EUR") == "27.000,00\u00a0EUR"
        assert pages.number(12400) == "12.400"
    assert pages.money(Decimal(27000), "EUR") == "27,000.00\u00a0EUR"


def test_how_long_something_lasts_is_told_as_people_tell_it():
    assert (pages.lasting(5), pages.lasting(11_795)) == ("5 s", "3\u00a0hours")
    with translation.override("de"):
        assert pages.lasting(11_795) == "3\u00a0Stunden"


@pytest.mark.parametrize(
    ("path", "german"),
    [
        ("/nowhere", "Hier ist nichts."),
        ("/invitations/" + "x" * 43, "Dieser Link führt zu keiner Einladung."),
        ("/resets/" + "x" * 43, "Dieser Link führt nirgendwohin."),
    ],
)
def test_what_is_refused_on_a_page_is_refused_in_german(path: str, german: str, db: None, mercedes_site: sites.Site):
    answer = mercedes_site.get(path, headers=GERMAN)
    assert answer.status_code == 404
    assert german in answer.content.decode()


def test_a_form_is_refused_in_german(owner: sites.Site):
    wrong = {"present": "wrong", "password": "quite another long sentence", "again": "quite another long sentence"}
    answer = owner.post("/account/password", wrong, headers=GERMAN)
    assert answer.status_code == 422
    assert "Das ist nicht Ihr bisheriges Passwort." in answer.content.decode()
