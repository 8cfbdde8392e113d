"""Somebody's address, a key's id, a license's id: each finds what was done by them and what was done to them."""

from __future__ import annotations

import json

import pytest

from accounts import invitations, people, tokens
from accounts.models import Role
from audit import events
from keys import issuing
from licensing import caps
from tenants import context
from tests import builders, cast, sites
from tests.queries import fewest


def entry_names(site: sites.Site, query: str) -> list[str]:
    """The events that a search finds, newest first."""
    lines = site.get(f"/audit.jsonl?q={query}").content.decode().splitlines()
    return [json.loads(line)["event"] for line in lines]


def test_a_persons_address_finds_what_they_did_and_what_was_done_to_them(owner: sites.Site):
    by = builders.actor(id="owner@mercedes-benz.com")
    with context.inside(cast.MERCEDES.id):
        anna = builders.person("anna@mercedes-benz.com", role=Role.VIEWER)
        other = builders.person("other@mercedes-benz.com", role=Role.VIEWER)
        for person in (anna, other):
            people.change_role(str(person.pk), Role.FINANCE, actor=by)
        tokens.issue(anna, "CI", actor=by)
        people.deactivate(str(anna.pk), actor=by)
        events.record("user.signed_in", actor=builders.actor(id=anna.email), subject=("user", str(anna.pk)))
        events.record("key.issued", actor=by, subject=("key", str(anna.pk)))
    assert entry_names(owner, "ANNA@mercedes-benz.com") == [
        "user.signed_in", "user.deactivated",  "token.issued", "user.role_changed",
    ]  # fmt: skip
    page = owner.get("/audit?q=anna@mercedes-benz.com").content.decode()
    assert "Role changed" in page
    assert 'href="/audit?q=anna%40mercedes-benz.com"' in page, "people are said by their address, not by a number"


def test_one_whose_invitation_was_withdrawn_is_found_too(owner: sites.Site):
    by = builders.actor(id="owner@mercedes-benz.com")
    with context.inside(cast.MERCEDES.id):
        for email in ("gone@mercedes-benz.com", "other@mercedes-benz.com"):
            invited = invitations.invite(email=email, name="", role=Role.VIEWER, actor=by)
            people.withdraw_invitation(str(invited.user.pk), actor=by)
    assert entry_names(owner, "gone@mercedes-benz.com") == ["invitation.withdrawn", "user.invited"]


def test_a_keys_id_and_a_licenses_find_what_was_done_to_them(owner: sites.Site):
    by = builders.actor(id="owner@mercedes-benz.com")
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        caps.set_caps(by, "lic-1", {"max_in_use": 3})
        builders.tenant_key(id="key-1")
        fresh = issuing.rotate(by, "key-1").key
        issuing.revoke(by, fresh.id)
    assert entry_names(owner, "lic-1") == ["license.capped"]
    assert entry_names(owner, "key-1") == ["key.rotated"]
    assert entry_names(owner, fresh.id) == ["key.revoked", "key.rotated"]
    assert "Key rotated" in owner.get(f"/audit?key={fresh.id}").content.decode()


@pytest.mark.parametrize("query", ["", "q=anna@mercedes-benz.com", "q=key-1"])
def test_a_search_asks_as_often_for_many_entries_as_for_few(query: str, owner: sites.Site):
    counted = []
    for number in (1, 30):
        with context.inside(cast.MERCEDES.id):
            for each in range(number):
                anna = builders.person(f"anna{number}-{each}@mercedes-benz.com", role=Role.VIEWER)
                events.record(
                    "user.signed_in", actor=builders.actor(id="anna@mercedes-benz.com"), subject=("user", str(anna.pk))
                )
        counted.append(fewest(lambda: owner.get(f"/audit?{query}")))
    assert counted[0] == counted[1]
