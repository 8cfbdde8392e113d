"""The audit logs of vendors and of the platform, as their people read them: a customer's pages, and nobody else's log."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from audit import events
from tenants import context, sealing
from tests import builders, cast, sites
from tests.pages.conftest import sign_in

OURS, THEIRS = "bassoons", "trombones"  # said in an entry of one's own log, and of somebody else's
ENDINGS = ("csv", "jsonl")


def recorded(said: str, vendor_id: str = "") -> int:
    scope = context.acting_for(vendor_id) if vendor_id else context.platform()
    with scope:
        return events.record(f"{said}.played", actor=builders.actor(id=f"{said}@example.com"), subject=("thing", said))


@pytest.fixture
def at_vector(vendor_owner: sites.Site) -> tuple[sites.Site, str, int, list[int]]:
    mine = recorded(OURS, cast.VECTOR.id)
    return vendor_owner, "/audit", mine, [recorded(THEIRS), recorded(THEIRS, cast.GREENHILLS.id)]


@pytest.fixture
def at_platform(operator: sites.Site) -> tuple[sites.Site, str, int, list[int]]:
    mine = recorded(OURS)
    return operator, "/operator/audit", mine, [recorded(THEIRS, cast.VECTOR.id), recorded(THEIRS, cast.GREENHILLS.id)]


@pytest.fixture(params=["at_vector", "at_platform"])
def place(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def text(site: sites.Site, path: str) -> str:
    answer: Any = site.get(path)
    assert answer.status_code == 200
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_a_log_shows_its_own_entries_and_no_others(place: Any) -> None:
    site, at, mine, others = place
    sealing.seal_logs()
    shown = [text(site, at), text(site, f"{at}/export"), *(text(site, f"{at}.{ending}") for ending in ENDINGS)]
    for page in shown:
        assert OURS in page
        assert THEIRS not in page
    for query in (f"q={THEIRS}", f"event={THEIRS}.played", f"actor={THEIRS}@example.com"):
        assert THEIRS not in text(site, f"{at}.jsonl?{query}")
    assert site.get(f"{at}/{mine}").status_code == 200
    assert [site.get(f"{at}/{other}").status_code for other in others] == [404, 404]


def test_an_entry_shows_what_proves_it(place: Any) -> None:
    site, at, mine, _ = place
    assert "not sealed yet" in text(site, f"{at}/{mine}")
    sealing.seal_logs()
    page = text(site, f"{at}/{mine}")
    [opening, *_, head] = map(json.loads, text(site, f"{at}/export").splitlines())
    assert head["root"] in page
    assert f'href="{at}/export?start=' in page
    log = text(site, at)
    assert head["root"] in log
    assert f"{opening['log'].replace('/', '-')}.jsonl" in log
    [part] = re.findall(r'href="([^"]*export[?]start=[^"]*)"', page)
    leaf = json.loads(text(site, unescape(part)).splitlines()[1])
    assert leaf["id"] == f"evt-{mine}"


def test_the_heads_and_keys_that_the_page_names_are_the_logs(place: Any) -> None:
    site, at, _, _ = place
    sealing.seal_logs()
    page, head = text(site, at), json.loads(text(site, f"{at}/export").splitlines()[-1])
    addresses = {
        part.split('"')[0] for part in page.split('href="') if part.startswith(("/api/v1/audit/head", "/.well-known"))
    }
    assert len(addresses) == 2
    answers = {address.split("?")[0]: site.get(address).json() for address in addresses}
    assert answers["/api/v1/audit/head"]["root"] == head["root"]
    assert head["kid"] in {key["kid"] for key in answers["/.well-known/audit-keys.json"]["keys"]}


@pytest.mark.parametrize("part", ["start=5000", "start=x", "start=-1", "end=99999999999999999999", "start=2&end=1"])
def test_what_is_no_part_of_the_log_is_refused(part: str, place: Any) -> None:
    site, at, _, _ = place
    sealing.seal_logs()
    assert site.get(f"{at}/export?{part}").status_code == 422


def test_a_log_that_was_never_sealed_has_nothing_to_export_yet(place: Any) -> None:
    site, at, _, _ = place
    assert site.get(f"{at}/export").status_code == 404
    assert "Nothing is sealed yet" in text(site, at)


def test_nothing_found_leads_back_to_the_whole_log(place: Any) -> None:
    site, at, _, _ = place
    page = text(site, f"{at}?q=nothing")
    assert "Nothing found" in page
    assert f'href="{at}"' in page


@pytest.mark.parametrize("role", [Role.SALES, Role.VENDOR_FINANCE, Role.VENDOR_VIEWER])
def test_a_vendors_log_is_for_its_owners(role: Role, db: None) -> None:
    builders.person("somebody@vector.example", role=role, vendor_id=cast.VECTOR.id)
    site = sign_in(sites.vendors(), "somebody@vector.example")
    mine = recorded(OURS, cast.VECTOR.id)
    for path in ("/audit", f"/audit/{mine}", "/audit/export", "/audit.csv"):
        assert site.get(path).status_code == 403
    assert b'href="/audit"' not in site.get("/").content


def test_where_many_logs_stand_there_is_an_index_of_each_and_nowhere_else(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_indexes WHERE indexname = 'audit_by_vendor'")
        assert cursor.fetchall() == [("public",)], "in a tenant's schema checkouts would pay for it"
