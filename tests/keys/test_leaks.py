"""A key found in public: whoever reports it ends it, its owner is told, and the finder learns nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts import leak_letters
from accounts import tokens as personal_tokens
from accounts.models import PersonalToken, Role
from audit.models import AuditEntry
from cloudlicenses.kit import tokens
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.wiring import LISTENERS
from keys import issuing, leaks
from keys.models import ApiKey
from tenants.context import acting_for, inside
from tests import builders, cast
from tests.accounts.conftest import PostOffice, post_office
from tests.almost import mistyped
from tests.sites import Site

__all__ = ["post_office"]

pytestmark = pytest.mark.django_db
REPORT = "/api/v1/keys/report-leak"


def report(apex: Site, *texts: str, url: str = "https://paste.example/1") -> Any:
    return apex.ask(
        "POST",
        REPORT,
        [{"token": text, "type": "cloudlicenses_key", "url": url, "source": "content"} for text in texts],
    )


def application_key() -> str:
    with inside("mercedes"):
        return builders.tenant_key()


def vendor_key() -> str:
    with acting_for(cast.VECTOR.id):
        return issuing.issue(SYSTEM, owner=cast.VECTOR.id, app_name="CRM", scopes=issuing.VENDOR_SCOPES).text


def personal_token() -> str:
    with inside("mercedes"):
        return personal_tokens.issue(builders.person(), "laptop", actor=SYSTEM)[1]


def test_a_real_key_of_an_application_is_revoked_at_once(apex: Site, mercedes_site: Site) -> None:
    text = application_key()
    assert mercedes_site.ask("GET", "/api/v1/licenses", key=text).status_code == 200
    assert report(apex, text).json() == {"status": "received"}
    assert mercedes_site.ask("GET", "/api/v1/licenses", key=text).json()["code"] == "key_revoked"
    with inside("mercedes"):
        events = AuditEntry.objects.filter(event__in=("key.revoked", "key.leaked")).order_by("id")
        assert [(entry.event, entry.actor_kind) for entry in events] == [
            ("key.revoked", "anonymous"),
            ("key.leaked", "anonymous"),
        ]
        assert events[1].facts["found_at"] == "https://paste.example/1"


def test_a_vendors_key_is_revoked(apex: Site) -> None:
    report(apex, vendor_key())
    with acting_for(cast.VECTOR.id):
        assert ApiKey.objects.get().revoked_at
        assert AuditEntry.objects.get(event="key.leaked").vendor_id == cast.VECTOR.id


def test_a_personal_token_is_revoked(apex: Site) -> None:
    report(apex, personal_token())
    with inside("mercedes"):
        assert PersonalToken.objects.get().revoked_at
        assert AuditEntry.objects.filter(event="token.leaked").exists()


def test_every_kind_of_key_can_be_reported() -> None:
    assert set(leaks.REVOKE) == set(tokens.KINDS)


def test_the_answer_is_the_same_for_whatever_is_reported(apex: Site) -> None:
    text = application_key()
    strange = tokens.mint("clsk", "nobody-at-all").text
    never = tokens.mint("clsk", "mercedes").text
    answers = [
        report(apex, *texts) for texts in ([text], [text], [mistyped(text)], [strange], [never], ["x"], [text, never])
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b'{"status":"received"}')}
    assert len({tuple(sorted(name for name in answer.headers if name != "X-Request-ID")) for answer in answers}) == 1


def test_what_is_no_key_is_told_without_asking_the_database(django_assert_num_queries: Any) -> None:
    text = application_key()
    with django_assert_num_queries(0):
        assert not leaks.revoke(mistyped(text), found_at="", actor=SYSTEM)
        assert not leaks.revoke("clsk_mercedes_short", found_at="", actor=SYSTEM)
        assert not leaks.revoke("clxx" + text[4:], found_at="", actor=SYSTEM)


def test_what_was_ended_before_is_not_told_again(apex: Site) -> None:
    text = application_key()
    for _ in range(3):
        report(apex, text)
    with inside("mercedes"):
        assert AuditEntry.objects.filter(event="key.leaked").count() == 1


@pytest.mark.parametrize("body", [{}, [{}], [{"token": 5}], [{"token": "x\u0000"}], [{"token": "x"}] * 101, "x", None])
def test_nonsense_is_refused(apex: Site, body: object) -> None:
    assert apex.ask("POST", REPORT, body).status_code in {400, 422}


def test_reports_are_limited_by_address(apex: Site, settings: Settings) -> None:
    settings.LEAK_REPORTS_PER_MINUTE = 3
    assert [report(apex, "x").status_code for _ in range(5)] == [202, 202, 202, 429, 429]


def test_those_who_look_after_keys_are_written_to(apex: Site, post_office: PostOffice) -> None:
    with inside("mercedes"):
        builders.person("owner@mercedes.example", role=Role.OWNER)
        builders.person("admin@mercedes.example", role=Role.LICENSE_ADMIN)
        builders.person("viewer@mercedes.example", role=Role.VIEWER)
    report(apex, application_key(), url="https://evil.example/click-me")
    told("key.leaked", "mercedes")
    assert sorted(letter["To"] for letter in post_office.letters) == [
        "admin@mercedes.example",
        "owner@mercedes.example",
    ]
    text = str(post_office.letters[0])
    assert "was found in public" in post_office.letters[0]["Subject"]
    assert "evil.example" not in text, "a stranger's link is not sent on"


def test_a_vendors_owners_and_a_tokens_user_are_written_to(apex: Site, post_office: PostOffice) -> None:
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    builders.person("owner@greenhills.example", role=Role.VENDOR_OWNER, vendor_id=cast.GREENHILLS.id)
    report(apex, vendor_key(), personal_token())
    told("key.leaked", "")
    told("token.leaked", "mercedes")
    assert [letter["To"] for letter in post_office.letters] == ["owner@vector.example", "anna@mercedes-benz.com"]


def told(name: str, tenant_id: str) -> None:
    """The listener is called as the delivery does it."""
    from audit.delivery import _load
    from audit.outbox.models import OutboxEntry

    row = OutboxEntry.objects.get(event=name, tenant_id=tenant_id)
    (listener,) = {leak_letters.tell_owners, leak_letters.tell_user} & set(LISTENERS[name])
    event = _load(row, inside)
    assert event is not None
    listener(event)


def test_the_published_pattern_finds_keys_and_nothing_shorter(apex: Site) -> None:
    published = apex.ask("GET", "/.well-known/key-patterns.json").json()
    pattern = re.compile(published["pattern"])
    for kind in published["kinds"]:
        text = tokens.mint(kind["prefix"], "some-owner").text
        assert pattern.findall(f'key="{text}"\n') == [text]
        assert pattern.findall(text[:-1]) == []
    assert published["report_to"].endswith(REPORT)
    assert {kind["prefix"] for kind in published["kinds"]} == set(tokens.KINDS)


def test_most_mistakes_of_a_typist_are_noticed_by_the_checksum() -> None:
    text = tokens.mint("clsk", "mercedes").text
    for place in range(len("clsk_mercedes_"), len(text)):
        assert tokens.read(mistyped(text, at=place)) is None
        if place + 1 < len(text) and text[place] != text[place + 1]:
            swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            assert tokens.read(swapped) is None
    assert tokens.read(text) == ("clsk", "mercedes")
