"""Heads, keys and proofs over HTTP: who may ask for what, and that the answers prove what they say, by RFC 9162."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accounts import tokens
from accounts.models import Role
from audit import events, evidence, leaves, signing, trees
from audit.models import AuditEntry
from audit.seals.models import SealDue
from cloudlicenses.kit import clock, merkle
from cloudlicenses.kit.canonical import canonical
from tenants import sealing
from tenants.context import acting_for, inside
from tests import builders, cast, sites
from tests.queries import fewest

pytestmark = pytest.mark.django_db
LOG = f"tenant/{cast.MERCEDES.id}"


def happen(count: int) -> list[int]:
    with inside(cast.MERCEDES.id):
        made = [events.record("key.issued", actor=builders.actor(), subject=("key", f"key-{n}")) for n in range(count)]
    SealDue.objects.update(due_at=clock.now())
    sealing.seal_logs()
    return made


def test_of_many_heads_a_file_has_some_spread_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def sizes(start: int = 0) -> list[int]:
        with inside(cast.MERCEDES.id):
            return [line["size"] for batch in evidence.lines(LOG, start) for line in batch if line["type"] == "head"]

    grown = []
    for count in (2, 1, 1, 3, 1, 1, 1, 2):
        happen(count)
        grown.append(trees_of_mercedes())
    assert sizes() == grown
    assert sizes(start=grown[2]) == grown[3:]
    monkeypatch.setattr(evidence, "MOST_HEADS", 3)
    assert 2 <= len(sizes()) <= 5
    assert set(sizes()) <= set(grown)
    assert sizes()[-1] == grown[-1]


def trees_of_mercedes() -> int:
    with inside(cast.MERCEDES.id):
        return trees.newest_head(LOG).size


@pytest.fixture
def token(db: None) -> str:
    with inside(cast.MERCEDES.id):
        return tokens.issue(builders.person(), "audit", actor=builders.actor())[1]


def includes(head: dict[str, Any], proof: dict[str, Any]) -> bool:
    """RFC 9162, 2.1.3.2."""
    fn, sn, r = proof["index"], head["size"] - 1, bytes.fromhex(proof["leaf"])
    for p in map(bytes.fromhex, proof["path"]):
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = merkle.node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = merkle.node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r.hex() == head["root"]


def only_grew(first: dict[str, Any], second: dict[str, Any], path: list[str]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if first["size"] == second["size"]:
        return not path and first["root"] == second["root"]
    proof = [bytes.fromhex(p) for p in path]
    if first["size"] & (first["size"] - 1) == 0:
        proof.insert(0, bytes.fromhex(first["root"]))
    fn, sn = first["size"] - 1, second["size"] - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = merkle.node_hash(c, fr), merkle.node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = merkle.node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr.hex(), sr.hex()) == (first["root"], second["root"])


def verify_signature(head: dict[str, Any], keys: dict[str, Any]) -> None:
    """Raises `InvalidSignature`."""
    key = next(key for key in keys["keys"] if key["kid"] == head["kid"])
    said = {name: head[name] for name in ("log", "size", "root", "at")}
    public = Ed25519PublicKey.from_public_bytes(_unbase64(key["x"]))
    public.verify(_unbase64(head["signature"]), signing.DOMAIN + canonical(said))


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def test_every_entry_is_proved_against_every_head_that_has_it(mercedes_site: sites.Site, token: str) -> None:
    made = [entry for _ in range(5) for entry in happen(3)]
    heads = mercedes_site.ask("GET", "/api/v1/audit/heads").json()["data"]
    assert len(heads) >= 5
    for entry in made[::4]:
        for head in heads:
            answer = mercedes_site.ask("GET", f"/api/v1/audit/proof?entry=evt-{entry}&size={head['size']}", key=token)
            if answer.status_code == 409:
                assert answer.json()["code"] == "not_sealed_yet"
                continue
            proof = answer.json()
            assert includes(head, proof)
            assert not includes(head, proof | {"leaf": "00" * 32})
            with inside(cast.MERCEDES.id):
                row = AuditEntry.objects.get(pk=entry)
                assert leaves.leaf_of(row, LOG, bytes.fromhex(proof["salt"])).hex() == proof["leaf"]


def test_every_head_is_the_beginning_of_every_later_one(mercedes_site: sites.Site, token: str) -> None:
    for count in (1, 2, 4, 1, 5):
        happen(count)
    heads = mercedes_site.ask("GET", "/api/v1/audit/heads").json()["data"][::-1]
    for n, first in enumerate(heads):
        for second in heads[n:]:
            path = f"/api/v1/audit/proof?first={first['size']}&second={second['size']}"
            proof = mercedes_site.ask("GET", path, key=token).json()
            assert (proof["first"], proof["second"]) == (first, second)
            assert only_grew(first, second, proof["path"])
            assert first == second or not only_grew(first | {"root": "00" * 32}, second, proof["path"])


def test_heads_and_keys_are_for_anybody(mercedes_site: sites.Site, bmw_site: sites.Site) -> None:
    happen(3)
    head = mercedes_site.ask("GET", "/api/v1/audit/head").json()
    keys = mercedes_site.ask("GET", "/.well-known/audit-keys.json").json()
    assert (head["log"], head["size"]) == (LOG, 3)
    verify_signature(head, keys)
    with pytest.raises(InvalidSignature):
        verify_signature(head | {"size": 4}, keys)
    assert bmw_site.ask("GET", "/api/v1/audit/head").json()["code"] == "no_such_tree_head"
    assert bmw_site.ask("GET", "/.well-known/audit-keys.json").json() == {"keys": []}


def test_the_feed_is_turned_page_by_page(mercedes_site: sites.Site) -> None:
    for _ in range(5):
        happen(1)
    address, sizes = "/api/v1/audit/heads?limit=2", list[int]()
    page = mercedes_site.ask("GET", address).json()
    while page["next_cursor"]:
        sizes += [head["size"] for head in page["data"]]
        page = mercedes_site.ask("GET", f"{address}&cursor={page['next_cursor']}").json()
    assert [*sizes, *(head["size"] for head in page["data"])] == [5, 4, 3, 2, 1]


def test_the_platforms_and_each_vendors_log_have_feeds_too(apex: sites.Site, vendor_site: sites.Site) -> None:
    with acting_for(cast.VECTOR.id):
        key = builders.vendor_key()
        entry = events.record("product.added", actor=builders.actor())
    events.record("vendor.created", actor=builders.actor())
    happen(0)
    assert apex.ask("GET", "/api/v1/audit/head").json()["log"] == "platform"
    assert len(apex.ask("GET", "/api/v1/audit/heads").json()["data"]) == 1
    verify_signature(
        apex.ask("GET", "/api/v1/audit/head").json(), apex.ask("GET", "/.well-known/audit-keys.json").json()
    )
    head = vendor_site.ask("GET", f"/api/v1/audit/head?vendor={cast.VECTOR.id}").json()
    assert (head["log"], head["size"]) == (f"vendor/{cast.VECTOR.id}", 1)
    verify_signature(head, vendor_site.ask("GET", f"/.well-known/audit-keys.json?vendor={cast.VECTOR.id}").json())
    assert vendor_site.ask("GET", "/api/v1/audit/heads").status_code == 422
    mine = {"key": key, "x_vendor_id": cast.VECTOR.id}
    assert includes(head, vendor_site.ask("GET", f"/api/v1/audit/proof?entry=evt-{entry}", **mine).json())
    exported = vendor_site.ask("GET", "/api/v1/audit/export", **mine)
    assert b"product.added" in b"".join(exported.streaming_content)
    assert vendor_site.ask("GET", f"/api/v1/audit/proof?entry=evt-{entry + 1}", **mine).status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "invalid_input"),
        ("?entry=evt-1&first=1", 422, "invalid_input"),
        ("?entry=42", 422, "invalid_input"),
        ("?entry=evt-99999999999999999999", 422, "invalid_input"),
        ("?entry=evt-999999999999999999", 404, "not_found"),
        ("?first=2&second=1", 404, "no_such_tree_head"),
        ("?first=7", 404, "no_such_tree_head"),
        ("?first=-1", 422, "invalid_input"),
    ],
)
def test_what_cannot_be_proved_is_refused(
    query: str, status: int, code: str, mercedes_site: sites.Site, token: str
) -> None:
    happen(1)
    happen(1)
    answer = mercedes_site.ask("GET", f"/api/v1/audit/proof{query}", key=token)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_no_part_of_a_log_is_not_exported(mercedes_site: sites.Site, token: str) -> None:
    happen(3)
    for query in ("start=9", "start=2&end=1", "end=99"):
        answer = mercedes_site.ask("GET", f"/api/v1/audit/export?{query}", key=token)
        assert (answer.status_code, answer.json()["code"]) == (422, "unfit_part")


def test_proofs_and_exports_are_for_those_who_may_read_the_log(mercedes_site: sites.Site) -> None:
    with inside(cast.MERCEDES.id):
        viewer = tokens.issue(builders.person(role=Role.VIEWER), "t", actor=builders.actor())[1]
        key = builders.tenant_key()
    for path in ("/api/v1/audit/proof?first=1", "/api/v1/audit/export"):
        assert mercedes_site.ask("GET", path).status_code == 401
        assert mercedes_site.ask("GET", path, key=viewer).status_code == 403
        assert mercedes_site.ask("GET", path, key=key).status_code == 403


def test_a_proof_takes_as_many_queries_from_a_long_log_as_from_a_short_one(
    mercedes_site: sites.Site, token: str
) -> None:
    def queries(entry: int) -> int:
        def ask() -> None:
            assert mercedes_site.ask("GET", f"/api/v1/audit/proof?entry=evt-{entry}", key=token).status_code == 200

        return fewest(ask)

    first = happen(3)[0]
    few = queries(first)
    happen(300)
    assert queries(first) <= few + 1  # with kept nodes
