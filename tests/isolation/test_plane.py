"""Attacks by way of the plane, where calls of several tenants share a connection and a transaction: each stays in its own.

On a connection as the plane's, under a tenant's role and path for this transaction, whatever is put into a value is refused as
anywhere else; hostile text in any argument over HTTP is only text; and in a batch no tenant reads, writes or holds up another's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import pq, sql

from audit.models import AuditEntry
from billing.models import UsageRecord
from cloudlicenses.asgi import _connection_options
from licensing.models import Denial, Lease, License
from tenants import roles
from tenants.context import inside, platform
from tenants.ownership import owner_connection
from tests import builders, cast
from tests.isolation.test_injection import DENIED, INTO_A_VALUE, WHOLE
from tests.licensing.workstations import CHECKOUT, HEARTBEAT, RETURN, Workstation
from tests.servers import Server

HOSTILE = {
    "the end of a value": "'; RESET ROLE; SELECT secret_hash FROM tenant_bmw.keys_apikey; --",
    "the end of a call": "'::jsonb), set_config('role', 'none', false), ('",
    "the end of a body of a function": "$$; RESET ROLE; $$ $_$ $1",
    "another's table": "x' || (SELECT string_agg(secret_hash, '') FROM tenant_bmw.keys_apikey) || 'x",
    "another's name": '"tenant_bmw".licensing_license',
    "the end of a JSON": '"}], "tenant_id": "bmw", "lease_id": "lease-bmw", "x": [{"',
    "escapes": "\\'; RESET ROLE -- \\u0027 %s %(x)s {0} :n ${x}",
    "a lookalike of a quote": "\u02bc; RESET ROLE -- \uff07 \u2019",
}


@pytest.fixture
def stations(server: Server) -> dict[str, Workstation]:
    """At both customers a hundred seats of one product."""
    made = {}
    for customer in cast.CUSTOMERS:
        with inside(customer.id):
            builders.granted(f"lic-{customer.id}", total_licenses=100, commit_qty=100, max_overage=0)
            key = builders.tenant_key(customer.id, checkouts_per_minute=100_000, requests_per_hour=1_000_000)
            made[customer.id] = Workstation(server, key, customer.id)
    return made


@pytest.fixture
def batch(django_db_setup: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The plane's login, within a transaction that has become Mercedes'; what is refused needs no cleaning up."""
    with psycopg.connect(**_connection_options()) as connection:
        connection.execute("BEGIN")
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles.tenant_role(cast.MERCEDES.id))))
        connection.execute("SET LOCAL search_path = tenant_mercedes, public")
        yield connection
        connection.execute("ROLLBACK")


def sqlstate_of(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> str | None:
    """As the plane sends it: by the extended protocol."""
    result = connection.pgconn.exec_params(statement.encode(), None)
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    return state.decode() if state else None


@pytest.mark.parametrize(("injected", "sqlstate"), INTO_A_VALUE.values(), ids=INTO_A_VALUE)
def test_in_a_batch_what_is_injected_into_a_value_is_refused(
    batch: psycopg.Connection[tuple[object, ...]], injected: str, sqlstate: str
) -> None:
    assert sqlstate_of(batch, f"SELECT id FROM licensing_license WHERE product_id = '{injected}'") == sqlstate


@pytest.mark.parametrize("statement", WHOLE.values(), ids=WHOLE)
def test_in_a_batch_even_a_whole_statement_is_refused(
    batch: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    assert sqlstate_of(batch, statement) == DENIED


def test_in_a_batch_functions_of_anothers_seat_rule_are_refused(batch: psycopg.Connection[tuple[object, ...]]) -> None:
    with owner_connection() as owner:
        found = owner.execute(
            "SELECT p.oid::regprocedure::text, pronargs FROM pg_proc p WHERE pronamespace = 'tenant_bmw'::regnamespace"
        ).fetchall()
    assert len(found) > 5
    for signature, arguments in found:
        name = str(signature).partition("(")[0]
        call = f"SELECT {name}({', '.join(['NULL'] * int(str(arguments)))})"
        batch.execute("SAVEPOINT before")
        assert sqlstate_of(batch, call) == DENIED, signature
        batch.execute("ROLLBACK TO before")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_any_argument_is_only_text(stations: dict[str, Workstation], text: str) -> None:
    before, station = state_of("bmw"), stations["mercedes"]
    lease = _taken(station.check_out(user=text, hostname=text, metadata={text: [text, {text: text}]}))
    unknown = station.check_out(product_id=text[:100])
    assert (unknown.status_code, unknown.json()["code"]) == (404, "product_not_licensed"), unknown.text
    for more in ({"features": [text[:100]]}, {"version": text[:64]}):
        assert station.check_out(**more).status_code in {201, 403, 409, 422}
    for path, body in ((HEARTBEAT, {}), (RETURN, {"usage_metadata": {text: text}})):
        missed = station.post(path, {"lease_id": text[:40]} | body)
        assert (missed.status_code, missed.json()["code"]) == (404, "lease_not_found"), missed.text
        assert station.post(path, {"lease_id": lease["lease_id"]} | body).status_code == 200
    with inside("mercedes"):
        kept = Lease.objects.get(id=lease["lease_id"])
        assert (kept.user, kept.hostname, kept.metadata) == (text, text, {text: [text, {text: text}]})
        assert kept.usage_metadata == {text: text}
        assert set(Denial.objects.values_list("product_id", flat=True)) >= {text[:100]}
    assert state_of("bmw") == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("header", ["User-Agent", "X-App-Fingerprint", "X-Hostname", "X-Request-ID", "Idempotency-Key"])
def test_hostile_text_in_any_header_is_only_text(stations: dict[str, Workstation], header: str, text: str) -> None:
    before, station = state_of("bmw"), stations["mercedes"]
    sent = text.encode("utf-8")
    answers = [
        httpx.post(
            f"{station.server.url}{CHECKOUT}",
            content=json.dumps({"product_id": cast.DAVINCI.id, "user": "anna"}),
            headers=[
                (b"Host", station.server.host_of("mercedes").encode()),
                (b"Authorization", b"Bearer " + station.key.encode()),
                (header.encode(), sent),
            ],
            trust_env=False,
            timeout=120,
        )
        for _ in range(2)
    ]
    assert {answer.status_code for answer in answers} <= {201, 422}, answers[0].text
    assert state_of("bmw") == before


def test_one_tenant_does_not_reach_anothers_leases(stations: dict[str, Workstation]) -> None:
    theirs = _taken(stations["bmw"].check_out())["lease_id"]
    before = state_of("bmw")
    with ThreadPoolExecutor(16) as threads:
        refused = list(
            threads.map(
                lambda path: stations["mercedes"].post(path, {"lease_id": theirs}).status_code, [HEARTBEAT, RETURN] * 20
            )
        )
    assert set(refused) == {404}
    assert state_of("bmw") == before


def test_a_mixed_batch_gives_each_its_own_though_one_is_hostile(stations: dict[str, Workstation]) -> None:
    """Forty at once of each: one tenant takes seats, the other tries texts, the first one's leases, and seats of its own."""
    theirs = [_taken(stations["bmw"].check_out())["lease_id"] for _ in range(5)]

    def attack(number: int) -> int:
        station, text = stations["mercedes"], list(HOSTILE.values())[number % len(HOSTILE)]
        tries = (
            lambda: station.post(RETURN, {"lease_id": theirs[number % 5], "usage_metadata": {text: text}}),
            lambda: station.check_out(product_id=text[:100], user=text),
            lambda: station.check_out(user=text),
        )
        return tries[number % 3]().status_code

    with ThreadPoolExecutor(32) as threads:
        attacks = threads.map(attack, range(42))
        granted = list(threads.map(lambda _: stations["bmw"].check_out(user="bert").status_code, range(40)))
        assert sorted(attacks) == [201] * 14 + [404] * 28
    assert granted == [201] * 40
    _assert_books({"mercedes": 14, "bmw": 45})
    with inside("bmw"):
        assert Lease.objects.filter(ended_at=None).count() == 45
        assert set(Lease.objects.values_list("user", flat=True)) == {"bert", "alice@mercedes.example"}
        assert not Denial.objects.exists()


def test_a_tenant_whose_calls_fail_takes_no_other_along(stations: dict[str, Workstation]) -> None:
    """Its table is broken: its own calls fail, in whatever batch they are, and leave nothing behind."""
    with owner_connection() as owner:
        owner.execute("ALTER TABLE tenant_mercedes.licensing_lease ADD CONSTRAINT broken CHECK (false) NOT VALID")
    try:
        with ThreadPoolExecutor(32) as threads:
            failing = [threads.submit(_post, stations["mercedes"]) for _ in range(20)]
            granted = list(threads.map(lambda _: stations["bmw"].check_out().status_code, range(40)))
            assert {each.result() for each in failing} <= {500, 503}
    finally:
        with owner_connection() as owner:
            owner.execute("ALTER TABLE tenant_mercedes.licensing_lease DROP CONSTRAINT broken")
    assert granted == [201] * 40
    _assert_books({"mercedes": 0, "bmw": 40})


def state_of(tenant_id: str) -> dict[str, Any]:
    """Everything of a tenant that a call may change."""
    with inside(tenant_id):
        state = {
            model.__name__: list(model.objects.order_by("pk").values())
            for model in (License, Lease, Denial, AuditEntry)
        }
    with platform():
        return state | {"ledger": list(UsageRecord.objects.filter(tenant_id=tenant_id).order_by("entry").values())}


def _assert_books(leases: dict[str, int]) -> None:
    """Seats, leases, ledger and audit log of each tenant say the same, and speak of nobody else."""
    for tenant_id, number in leases.items():
        with inside(tenant_id):
            ids = set(Lease.objects.values_list("id", flat=True))
            assert len(ids) == number
            assert License.objects.get().commit_in_use == number
            taken = AuditEntry.objects.filter(event="license.checked_out").values_list("subject_id", flat=True)
            assert set(taken) == ids
        with platform():
            assert set(UsageRecord.objects.filter(tenant_id=tenant_id).values_list("entry", flat=True)) == ids


def _post(station: Workstation) -> int:
    """Past the check against the OpenAPI: a defect's answer isn't promised there."""
    return httpx.post(
        f"{station.server.url}{CHECKOUT}",
        json={"product_id": cast.DAVINCI.id, "user": "anna"},
        headers={"Host": station.server.host_of(station.label), "Authorization": f"Bearer {station.key}"},
        trust_env=False,
        timeout=120,
    ).status_code


def _taken(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    lease: dict[str, Any] = answer.json()
    return lease
