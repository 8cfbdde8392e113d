"""`GET /api/v1/audit`: what the audit page shows, for programs; and the same as files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from accounts import tokens
from accounts.models import Role
from audit import events, faces
from tenants import context
from tests import builders, cast
from tests.pages.conftest import sign_in
from tests.sites import Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log() -> None:
    with context.inside(cast.MERCEDES.id):
        events.record("key.revoked", actor=builders.actor(), subject=("key", "key-1"), reason="leaked")
        events.record("key.refused", actor=builders.actor("key", id="key-2"), code="wrong_tenant")


@pytest.fixture
def token() -> str:
    """A license administrator's."""
    with context.inside(cast.MERCEDES.id):
        return tokens.issue(
            builders.person("lea@mercedes-benz.com", role=Role.LICENSE_ADMIN), "audit", actor=builders.actor()
        )[1]


def found(site: Site, token: str, query: str = "") -> list[dict[str, Any]]:
    answer = site.ask("GET", f"/api/v1/audit?{query}", key=token)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def test_the_newest_comes_first_with_all_that_is_known(mercedes_site: Site, token: str) -> None:
    issued, refused, revoked = found(mercedes_site, token)
    assert [each["event"] for each in (issued, refused, revoked)] == ["token.issued", "key.refused", "key.revoked"]
    assert (refused["result"], refused["code"], refused["actor_id"]) == ("refused", "wrong_tenant", "key-2")
    assert (revoked["subject_kind"], revoked["subject_id"], revoked["facts"]) == ("key", "key-1", {"reason": "leaked"})


FILTERS: tuple[tuple[str, list[str] | None], ...] = (
    ("result=refused", ["key.refused"]), ("event=key.revoked", ["key.revoked"]), ("key_id=key-1", ["key.revoked"]),
    ("q=KEY-2", ["key.refused"]), ("actor=key-2", ["key.refused"]),
    ("since=2999-01-01", None), ("until=2001-01-01", []), ("q=%27%25", []),
)  # fmt: skip


@pytest.mark.parametrize(("query", "events_"), FILTERS)
def test_it_is_narrowed(query: str, events_: list[str] | None, mercedes_site: Site, token: str) -> None:
    if events_ is None:
        assert mercedes_site.ask("GET", f"/api/v1/audit?{query}", key=token).json()["errors"][0]["field"] == "since"
    else:
        assert [each["event"] for each in found(mercedes_site, token, query)] == events_


def test_pages_follow_each_other(mercedes_site: Site, token: str) -> None:
    first = mercedes_site.ask("GET", "/api/v1/audit?limit=2", key=token).json()
    second = mercedes_site.ask("GET", f"/api/v1/audit?limit=2&cursor={first['next_cursor']}", key=token).json()
    assert [each["event"] for each in first["data"] + second["data"]] == ["token.issued", "key.refused", "key.revoked"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
def test_it_is_for_administrators(role: Role, mercedes_site: Site) -> None:
    with context.inside(cast.MERCEDES.id):
        _, token = tokens.issue(builders.person(role=role), "audit", actor=builders.actor())
        key = builders.tenant_key()
    assert mercedes_site.ask("GET", "/api/v1/audit", key=token).json()["code"] == "role_not_allowed"
    assert mercedes_site.ask("GET", "/api/v1/audit", key=key).status_code == 403


def test_another_customer_reads_its_own_log(bmw_site: Site, token: str) -> None:
    assert bmw_site.ask("GET", "/api/v1/audit", key=token).status_code == 401


def test_the_files_hold_what_the_api_says(mercedes_site: Site, token: str) -> None:
    with context.inside(cast.MERCEDES.id):
        builders.person(role=Role.OWNER)
    owner = sign_in(mercedes_site, "anna@mercedes-benz.com")
    refused = found(mercedes_site, token, "result=refused")
    lines = [json.loads(line) for line in owner.get("/audit.jsonl?result=refused").content.splitlines()]
    assert lines == refused
    table = list(csv.DictReader(io.StringIO(owner.get("/audit.csv?result=refused").content.decode())))
    assert [(row["id"], row["event"], row["code"]) for row in table] == [
        (refused[0]["id"], "key.refused", "wrong_tenant")
    ]
    assert owner.get("/audit.xlsx").status_code == 404


def test_a_file_that_was_cut_off_says_so(mercedes_site: Site, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with context.inside(cast.MERCEDES.id):
        builders.person(role=Role.OWNER)
    owner = sign_in(mercedes_site, "anna@mercedes-benz.com")
    whole = owner.get("/audit.csv?event=key.refused").content
    monkeypatch.setattr(faces, "MOST_EXPORTED", 1)
    assert owner.get("/audit.csv?event=key.refused").content == whole
    *rows, last = csv.reader(io.StringIO(owner.get("/audit.csv").content.decode()))
    assert [len(row) for row in rows] == [len(last)] * 2
    assert last[0].startswith("Cut off: there are more than these 1 rows")
    *lines, told = (json.loads(line) for line in owner.get("/audit.jsonl").content.splitlines())
    assert (len(lines), list(told)) == (1, ["cut_off"])
