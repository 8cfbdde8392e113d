"""What a form of the portal refuses is told at its field, in the reader's language and words; programs hear the API's names."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests import builders, cast, sites
from tests.pages.selling import sold
from tests.pages.test_vendor_licenses import ORDER, amendment
from tests.vendors.crm import Crm, deal, faults

NAME_OF_A_FIELD = re.compile(r"\b[a-z]+_[a-z_]+\b")
LINKED, PRODUCT = {"name": "Mercedes", "contact_email": ""}, {"name": "Ware", "version": ""}

WRONG: list[tuple[str, dict[str, str], str, str, str]] = [
    ("/licenses/generate", ORDER | {"commit_qty": "30", "crm_opportunity_id": "SF-2"}, "commit_qty",
     "Commit at most 20", "Nehmen Sie höchstens 20"),
    ("/licenses/generate", ORDER | {"max_overage": "16", "crm_opportunity_id": "SF-2"}, "max_overage",
     "Allow at most 15", "Erlauben Sie höchstens 15"),
    ("/licenses/generate", ORDER | {"max_overage": "4", "crm_opportunity_id": "SF-2"}, "max_overage",
     "11 of the licenses in all", "11 der Lizenzen insgesamt"),
    ("/licenses/generate", ORDER | {"end_date": "2025-12-31", "crm_opportunity_id": "SF-2"}, "end_date",
     "The contract begins on 1 Jan 2026", "Der Vertrag beginnt am 1. Januar 2026"),
    ("/licenses/generate", ORDER | {"total_licenses": "0", "crm_opportunity_id": "SF-2"}, "total_licenses", "1", "1"),
    ("/licenses/generate", ORDER | {"tenant_id": "bmw", "step": "agreed", "crm_opportunity_id": "SF-2"}, "tenant_id",
     "ACC-98765 is linked to the tenant mercedes", "ACC-98765 ist mit dem Mandanten mercedes verknüpft"),
    ("/licenses/generate", ORDER | {"step": "agreed", "crm_opportunity_id": "SF-00123456"}, "crm_opportunity_id",
     "write another opportunity", "schreiben Sie eine andere Opportunity"),
    ("/licenses/{license}/amend", {"end_date": "2026-01-02"}, "end_date", "This day is over", "Dieser Tag ist vorbei"),
    ("/licenses/{license}/amend", {"commit_qty": "21"}, "commit_qty", "Commit at most 20", "Nehmen Sie höchstens 20"),
    ("/licenses/{license}/amend", {}, "", "Nothing is changed yet", "Noch ist nichts geändert"),
    ("/customers/link", LINKED | {"crm_account_id": "ACC-98765", "tenant_id": "bmw"}, "tenant_id",
     "has licenses in the tenant mercedes", "hat Lizenzen im Mandanten mercedes"),
    ("/customers/link", LINKED | {"crm_account_id": "ACC-3", "tenant_id": "www"}, "tenant_id", "is reserved", "reserviert"),
    ("/products/add", PRODUCT | {"id": "davinci-configurator-se"}, "id", "is taken", "vergeben"),
    ("/products/add", PRODUCT | {"id": "a b"}, "id", "1 to 100 letters", "1 bis 100 Buchstaben"),
    ("/team/invite", {"email": "owner@vector.example", "role": "sales"}, "email", "is here already", "schon"),
    ("/settings/brand", {"brand_color": "#ffff00"}, "brand_color", "Too light", "kaum zu sehen"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]} {case[2]}")
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_wrong_is_told_at_its_field_in_the_readers_words(
    vendor_owner: sites.Site, case: tuple[str, dict[str, str], str, str, str], language: str
) -> None:
    path, sent, field, english, german = case
    path = path.format(license=sold(contract__start_date="2026-01-01", contract__end_date="2026-12-31"))
    answer = vendor_owner.post(
        path, (amendment() if "amend" in path else {}) | sent, headers={"accept-language": language}
    )
    assert answer.status_code in {409, 422}
    told = told_at(field, answer)
    assert {"en": english, "de": german}[language] in told
    assert NAME_OF_A_FIELD.search(told) is None


def told_at(field: str, answer: Any) -> str:
    """What stands below the field, or above the form."""
    place = rf'id="id_{field}_error">(.*?)</div>' if field else r'role="alert">.*?<p>(.*?)</p>'
    found = re.search(place, answer.content.decode(), re.DOTALL)
    assert found, answer.content.decode()
    return unescape(found[1])


@pytest.mark.usefixtures("db")
def test_programs_hear_of_the_names_they_sent() -> None:
    crm = Crm()
    answer = crm.ask("POST", "/api/v1/licenses/generate", deal(entitlement__commit_qty=30))
    assert faults(answer) == {"entitlement.commit_qty": "too_many"}
    assert answer.json()["errors"][0]["message"] == "No more than total_licenses."


@pytest.mark.parametrize(("field", "sent", "german"), [
    ("tenant_id", {"tenant_id": "mail"}, "Dieser Name ist reserviert."),
    ("tenant_id", {"tenant_id": cast.MERCEDES.id}, "vergeben"),
    ("domain", {"domain": "nonsense"}, "eine eigene Domain"),
    ("admin_email", {"admin_email": "x"}, "Geben Sie eine gültige E-Mail-Adresse an."),
])  # fmt: skip
def test_who_signs_up_reads_german_at_the_field(db: None, field: str, sent: dict[str, str], german: str) -> None:
    form = {
        "company_name": "BMW AG", "tenant_id": "bmw-ag", "domain": "bmw-ag.example", "country": "DE", "region": "eu-central",
        "plan": "startup", "admin_email": "it@bmw-ag.example",
    }  # fmt: skip
    answer = sites.apex().post("/signup", form | sent, headers={"accept-language": "de"})
    assert german in told_at(field, answer)


def test_what_an_operator_is_refused_stands_at_its_field(operator: sites.Site) -> None:
    builders.vendor_key(cast.VECTOR.id)
    form = {"name": "Vector", "email": "a@vector.example", "request_key": "r"}
    for id, english in ((cast.VECTOR.id, "is taken"), ("a b", "3 to 40 characters")):
        assert english in told_at("id", operator.post("/operator/vendors/create", form | {"id": id}))
