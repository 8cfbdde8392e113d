"""A month's charges are leaves of one tree: vendor and customer get the same file, the same sum, the same root."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from billing import ledger, rollup, sealing
from billing.models import ChargeSealing, SealedCharges, UsageRecord
from tenants.context import acting_for, inside, platform
from tenants.ownership import owner_connection
from tests import builders, cast, sites
from tests.billing import history
from tests.billing.conftest import SetClock

NOVEMBER = date(2025, 11, 1)
LOG = f"bill/{cast.VECTOR.id}/{cast.MERCEDES.id}/2025-11"
SDK = Path(__file__).resolve().parents[2] / "sdks" / "python" / "src"
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def _now(in_november: None) -> None: ...


def sold_and_used(overage: int = 44) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 5, kind="commit")
    history.checkouts(license, overage)


def sealed_entries() -> list[str]:
    return [entry for row in SealedCharges.objects.order_by("first") for entry in row.entries]


@pytest.fixture
def at_vector(vendor_site: sites.Site) -> Any:
    with acting_for(cast.VECTOR.id):
        key = builders.vendor_key()

    def fetch(period: str = "2025-11", tenant_id: str = cast.MERCEDES.id) -> Any:
        path = f"/api/v1/billing/evidence?period={period}&tenant_id={tenant_id}"
        return vendor_site.ask("GET", path, key=key, x_vendor_id=cast.VECTOR.id)

    return fetch


@pytest.fixture
def at_mercedes(mercedes_site: sites.Site) -> Any:
    with inside(cast.MERCEDES.id):
        token = tokens.issue(builders.person(), "costs", actor=builders.actor())[1]

    def fetch(period: str = "2025-11", vendor_id: str = cast.VECTOR.id) -> Any:
        return mercedes_site.ask("GET", f"/api/v1/costs/evidence?period={period}&vendor_id={vendor_id}", key=token)

    return fetch


def text_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def verified(text: bytes, place: Path, *more: object) -> dict[str, Any]:
    file, keys = place / "bill.jsonl", place / "keys.json"
    file.write_bytes(text)
    site = sites.tenant(cast.MERCEDES.id)
    keys.write_bytes(site.ask("GET", f"/.well-known/bill-keys.json?vendor={cast.VECTOR.id}").content)
    command = [sys.executable, "-m", "cloudlicenses_client", "bill", "verify", file, "--keys", keys, "--json", *more]
    ended = subprocess.run(
        list(map(str, command)), env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode in {0, 1}, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def kinds(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["kind"], one["entry"]) for one in report["findings"]}


def spread(kinds: str, seconds: int) -> str:
    """Charges of these kinds, one after the other, over so many instants: as many in each, whatever they are called."""
    return (
        f"UPDATE billing_usagerecord AS charge SET at = at + interval '1 second' * (number % {seconds}) FROM ("
        f"SELECT entry, row_number() OVER (ORDER BY entry) AS number FROM billing_usagerecord WHERE {kinds}"
        ") AS counted WHERE charge.entry = counted.entry"
    )


def bend(*statements: str) -> None:
    with owner_connection() as superuser:
        for statement in statements:
            superuser.execute(statement)


def test_both_sides_have_the_same_file_and_recompute_the_same_27000_euros(
    at_vector: Any, at_mercedes: Any, tmp_path: Path
) -> None:
    sold_and_used()
    rollup.close_month(NOVEMBER)
    assert sealing.seal_charges() == 50
    ours, theirs = text_of(at_vector()), text_of(at_mercedes())
    assert ours == theirs
    report = verified(ours, tmp_path)
    assert (report["findings"], report["leaves"], report["totals"]) == ([], 50, ["27000.00 EUR"])
    with platform():
        assert report["root"] == bytes(SealedCharges.objects.latest("size").root).hex()


def test_a_charge_is_sealed_once_it_has_had_its_time_and_once_only(set_clock: SetClock) -> None:
    now = datetime(2025, 11, 20, 12, tzinfo=UTC)
    sold_and_used(2)
    late = UsageRecord.objects.filter(kind="overage").first()
    bend(f"UPDATE billing_usagerecord SET at = '{now - timedelta(minutes=1)}' WHERE entry = '{late.entry}'")
    ledger.ensure_commit_fees(NOVEMBER, NOVEMBER)
    assert sealing.seal_charges() == 7
    assert sealing.seal_charges() == 0
    assert late.entry not in sealed_entries()
    set_clock(now + timedelta(minutes=10))
    assert sealing.seal_charges() == 1
    assert sealed_entries()[-1] == late.entry
    assert len(set(sealed_entries())) == len(sealed_entries()) == 8


def test_many_batches_make_one_tree(monkeypatch: pytest.MonkeyPatch, at_vector: Any, tmp_path: Path) -> None:
    """Charges of one instant are never torn apart."""
    monkeypatch.setattr(sealing, "MOST_AT_ONCE", 7)
    sold_and_used(30)
    bend(spread("kind = 'overage'", 3))
    assert sealing.seal_charges() == 35
    assert SealedCharges.objects.count() > 2
    assert verified(text_of(at_vector()), tmp_path)["findings"] == []


def test_what_comes_after_a_month_was_closed_is_sealed_when_it_is_closed_again(
    set_clock: SetClock, at_vector: Any, tmp_path: Path
) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 3)
    set_clock(datetime(2025, 12, 2, tzinfo=UTC))
    rollup.close_month(NOVEMBER)
    sealing.seal_charges()
    assert ChargeSealing.objects.get(month=NOVEMBER).completed_at is not None
    assert verified(text_of(at_vector()), tmp_path)["findings"] == []
    history.checkouts(license, 2)
    set_clock(datetime(2025, 12, 3, tzinfo=UTC))
    rollup.close_month(NOVEMBER)
    assert sealing.seal_charges() == 2
    assert verified(text_of(at_vector()), tmp_path)["findings"] == []
    assert sealing.seal_charges() == 0


def test_each_bill_is_a_tree_of_its_own_and_nobody_reads_anothers(at_vector: Any, at_mercedes: Any) -> None:
    sold_and_used(3)
    sealing.seal_charges()
    for answer in (at_vector(tenant_id=cast.BMW.id), at_mercedes(vendor_id=cast.GREENHILLS.id), at_vector("2024-01")):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_tree_head")
    with inside(cast.BMW.id):
        assert not SealedCharges.objects.exists()
    with acting_for(cast.GREENHILLS.id):
        assert not SealedCharges.objects.exists()
    assert at_vector("2025-13").status_code == 422


OVERAGE = "UPDATE billing_usagerecord SET {0} WHERE entry = '{{one}}'"
ATTACKS = {
    "a dearer checkout": (OVERAGE.format("amount = 999"), ("changed", "{one}")),
    "a seat of another kind": (OVERAGE.format("kind = 'commit'"), ("changed", "{one}")),
    "a charge taken away": ("DELETE FROM billing_usagerecord WHERE entry = '{one}'", ("removed", "{one}")),
    "a charge put in": (
        "INSERT INTO billing_usagerecord SELECT 'lease-forged', at, kind, tenant_id, vendor_id, license_id, product_id, amount,"
        " currency, seats FROM billing_usagerecord WHERE entry = '{one}'",
        ("inserted", "lease-forged"),
    ),
    "another sum on the statement": (
        "UPDATE billing_statementline SET amount = amount + 1 WHERE kind = 'overage'",
        ("changed", ""),
    ),
    "a leaf bent": (
        "UPDATE billing_sealedcharges SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1) WHERE NOT are_fees",
        ("rewritten", ""),
    ),
    "a leaf taken away": (
        "UPDATE billing_sealedcharges SET entries = entries[2:], hashes = substr(hashes, 33) WHERE NOT are_fees",
        ("removed", ""),
    ),
}


@pytest.mark.parametrize(("statement", "found"), ATTACKS.values(), ids=ATTACKS)
def test_what_a_superuser_does_to_a_bill_is_found(
    statement: str, found: tuple[str, str], at_vector: Any, tmp_path: Path
) -> None:
    sold_and_used(6)
    rollup.close_month(NOVEMBER)
    sealing.seal_charges()
    one = UsageRecord.objects.filter(kind="overage").first().entry
    bend(statement.format(one=one))
    report = verified(text_of(at_vector()), tmp_path)
    assert tuple(part.format(one=one) for part in found) in kinds(report)


def test_a_month_written_anew_and_signed_is_found_by_a_head_that_was_kept(at_vector: Any, tmp_path: Path) -> None:
    sold_and_used(6)
    sealing.seal_charges()
    kept = tmp_path / "head.json"
    kept.write_bytes(text_of(at_vector()).splitlines()[-1])
    bend(
        "UPDATE billing_usagerecord SET amount = 1 WHERE kind = 'overage'",
        "TRUNCATE billing_sealedcharges, billing_chargesealing",
    )
    sealing.seal_charges()
    assert verified(text_of(at_vector()), tmp_path)["findings"] == []
    assert {kind for kind, _ in kinds(verified(text_of(at_vector()), tmp_path, "--head", kept))} == {"rewritten"}


def test_sealing_takes_as_many_queries_for_many_charges_as_for_few() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            sealing.seal_charges()
        return len(asked)

    license = history.sold(to=history.customer())
    history.checkouts(license, 2)
    sealing.seal_charges()
    nothing = queries()
    bend("TRUNCATE billing_sealedcharges, billing_chargesealing")
    few = queries()
    bend("TRUNCATE billing_sealedcharges, billing_chargesealing")
    history.checkouts(license, 200)
    assert queries() == few <= 20
    assert nothing <= 12


def test_a_file_takes_as_many_queries_for_many_heads_as_for_few(
    monkeypatch: pytest.MonkeyPatch, at_vector: Any, tmp_path: Path
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert verified(text_of(at_vector()), tmp_path)["findings"] == []
        return len(asked)

    sold_and_used(20)
    bend(spread("kind <> 'commit_fee'", 9))
    sealing.seal_charges()
    few = queries()
    bend("TRUNCATE billing_sealedcharges, billing_chargesealing")
    monkeypatch.setattr(sealing, "MOST_AT_ONCE", 2)
    sealing.seal_charges()
    assert SealedCharges.objects.count() > 6
    assert queries() <= few


HEADS = """
    INSERT INTO billing_sealedcharges
           (month, vendor_id, tenant_id, are_fees, first, size, entries, hashes, peaks, root, at, kid, signature)
    SELECT '2025-11-01', 'vector-de', tenant, n = 1, n, n + 1, ARRAY['lease-' || n], '', '', '', '2025-11-20Z', 'kid', ''
      FROM generate_series(1, 4000) n, unnest(ARRAY['mercedes', 'bmw']) tenant
"""


def test_a_minute_of_sealing_costs_the_same_at_the_end_of_a_month() -> None:
    """A head a minute makes forty thousand of a bill: neither its newest nor its fees are looked for among all of them."""
    sold_and_used(1)
    ledger.ensure_commit_fees(NOVEMBER, NOVEMBER)
    bend(HEADS, "ANALYZE billing_sealedcharges", "ANALYZE billing_usagerecord")
    start = datetime(2025, 11, 1, tzinfo=UTC)
    looks: list[tuple[str, Any]] = [
        (sealing.NEWEST, [[NOVEMBER], [cast.VECTOR.id], [cast.MERCEDES.id]]),
        (sealing.UNSEALED_FEES, {"month": NOVEMBER, "start": start, "most": 100}),
    ]
    for statement, values in looks:
        with platform(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            (plan,) = cursor.fetchone()
        assert rows_read(plan[0]["Plan"]) < 50, plan
    (newest,) = sealing.newest([sealing.Bill(cast.VECTOR.id, cast.MERCEDES.id, NOVEMBER)]).values()
    assert newest.size == 4001


def rows_read(plan: dict[str, Any]) -> int:
    here = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if "Relation Name" in plan else 0
    return int(here * plan["Actual Loops"]) + sum(map(rows_read, plan.get("Plans", [])))
