"""`audit verify` and `bill verify`: what the tool says of a file, with no server anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloudlicenses_client._cli import main
from cloudlicenses_client._evidence.heads import DOMAIN, canonical
from cloudlicenses_client._evidence.leaves import leaf_of
from cloudlicenses_client._evidence.tree import EMPTY_ROOT, GrowingTree, leaf_hash, pieces

LOG = "tenant/mercedes"
BILL = "bill/vector-de/mercedes/2026-10"
KEY = Ed25519PrivateKey.generate()
KID = "key-of-the-log"
AT = "2026-10-07T12:00:00Z"
# The vectors that implementations of Certificate Transparency share.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
Tool = Callable[..., tuple[int, str, str]]
Lines = list[dict[str, Any]]


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def entry(number: int) -> dict[str, Any]:
    said = {
        "event": "key.issued",
        "result": "success",
        "code": "",
        "actor_kind": "user",
        "subject_kind": "key",
        "vendor_id": "",
    }
    personal = {
        "actor_id": "7",
        "actor_label": "Zoë",
        "subject_id": f"key-{number}",
        "ip": None,
        "hostname": "",
        "fingerprint": "",
    }
    return {
        **said,
        **personal,
        "user_agent": "",
        "facts": {"n": number},
        "key_id": "",
        "request_id": "r",
        "id": f"evt-{number}",
        "at": AT,
    }


def charge(number: int) -> dict[str, Any]:
    said = {
        "kind": "overage",
        "license_id": "lic-1",
        "product_id": "canoe",
        "tenant_id": "mercedes",
        "vendor_id": "vector-de",
    }
    return {**said, "currency": "EUR", "seats": 1, "amount": "500.00", "id": f"lease-{number}", "at": AT}


def head(log: str, size: int, root: bytes, at: str = AT) -> dict[str, Any]:
    said = {"log": log, "size": size, "root": root.hex(), "at": at}
    return {"type": "head", **said, "kid": KID, "signature": base64url(KEY.sign(DOMAIN + canonical(said)))}


def export(count: int, make: Callable[[int], dict[str, Any]] = entry, log: str = LOG) -> Lines:
    """A log as a server would write it, with a head after every second leaf."""
    kind, tree, lines, heads = log.partition("/")[0].replace("tenant", "audit"), GrowingTree(0, []), [], []
    for index in range(count):
        line: dict[str, Any] = {"type": "leaf", "index": index, "entry": make(index + 1), "salt": "ab" * 16}
        digest = leaf_of(kind, log, line)
        lines.append({**line, "id": line["entry"]["id"], "leaf": digest.hex()})
        tree.add(digest)
        if index % 2 or index == count - 1:
            heads.append(head(log, index + 1, tree.root([], index + 1)))
    opening = {
        "type": "log",
        "format": "cloudlicenses-log-v1",
        "kind": kind,
        "log": log,
        "from": 0,
        "to": count,
        "size": count,
    }
    return [{**opening, "before": [], "after": []}, *lines, *heads]


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tool:
    """Writes the lines to a file and has it checked; answers exit code, output and complaints."""
    keys = tmp_path / "keys.json"
    public = KEY.public_key().public_bytes_raw()
    keys.write_text(json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": KID, "x": base64url(public)}]}))

    def call(lines: Lines, *more: str, what: str = "audit") -> tuple[int, str, str]:
        file = tmp_path / "export.jsonl"
        file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        code = main([what, "verify", str(file), "--keys", str(keys), *more])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_roots_are_the_known_ones() -> None:
    tree = GrowingTree(0, [])
    assert tree.root([], 0) == EMPTY_ROOT == hashlib.sha256(b"").digest()
    for size, leaf in enumerate(LEAVES, 1):
        tree.add(leaf_hash(bytes.fromhex(leaf)))
        assert tree.root([], size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize("start", range(9))
def test_a_part_and_what_lies_around_it_have_the_root_of_the_whole(start: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]

    def subtree(level: int, index: int) -> bytes:
        tree = GrowingTree(0, [])
        for digest in hashes[index << level : (index + 1) << level]:
            tree.add(digest)
        return tree.root([], 1 << level)

    for end in range(start, 9):
        tree = GrowingTree(start, [subtree(*node) for node in pieces(0, start)])
        for digest in hashes[start:end]:
            tree.add(digest)
        assert tree.root([subtree(*node) for node in pieces(end, 8)], 8).hex() == ROOTS[7]


def test_a_good_log_is_said_to_be_good(verify: Tool) -> None:
    code, out, err = verify(export(7))
    assert (code, err) == (0, "")
    assert out.startswith(f"OK: 7 leaves of {LOG} are as they were sealed. Root ")


def test_json_for_programs(verify: Tool) -> None:
    lines = export(3)
    lines[2]["entry"]["event"] = "nothing.happened"
    code, out, _ = verify(lines, "--json")
    said = json.loads(out)
    assert (code, said["ok"], said["leaves"]) == (1, False, 3)
    assert [(one["kind"], one["entry"]) for one in said["findings"]] == [("changed", "evt-2")]


def test_what_was_done_is_said_in_words(verify: Tool) -> None:
    lines = export(6)
    lines[2]["entry"]["facts"] = {"n": 99}
    lines[4]["entry"] = None
    code, out, _ = verify(lines)
    assert code == 1
    assert "CHANGED    evt-2 (key.issued, 2026-10-07T12:00:00Z) is not as it was sealed: it was changed." in out
    assert "REMOVED    evt-4 is in the tree, but not in the log: it was removed." in out
    assert out.endswith(f"NOT OK: {LOG} was tampered with, or this is not all of it.\n")


def test_another_key_is_not_believed(verify: Tool, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    other.write_text(json.dumps({"keys": [{"kid": KID, "x": base64url(public)}]}))
    code, out, _ = verify(export(2), "--keys", str(other))
    assert code == 1
    assert "is not signed by the log's key" in out


def test_a_bill_is_added_up_anew(verify: Tool) -> None:
    lines = export(44, charge, BILL)
    line = {"license_id": "lic-1", "kind": "overage", "unit_price": "500.00", "currency": "EUR", "quantity": 44}
    statement = {"type": "statement", "lines": [{**line, "amount": "22000.00"}]}
    code, out, _ = verify([*lines, statement], what="bill")
    assert (code, "The charges come to 22000.00 EUR." in out) == (0, True)
    statement["lines"] = [{**line, "amount": "22500.00"}]
    code, out, _ = verify([*lines, statement], what="bill")
    assert code == 1
    assert "its charges come to 44 × 500.00 = 22000.00 EUR" in out


def test_a_charge_put_in_behind_the_last_leaf_is_named(verify: Tool) -> None:
    lines, more = export(3, charge, BILL), export(4, charge, BILL)
    assert verify([*lines, *more[4:5]], what="bill")[0] == 1
    line = {"license_id": "lic-1", "kind": "overage", "unit_price": "500.00", "currency": "EUR", "quantity": 4}
    statement = {"type": "statement", "lines": [{**line, "amount": "2000.00"}]}
    code, out, _ = verify([*lines, *more[4:5], statement], what="bill")
    assert (code, "INSERTED   lease-4 stands behind the end of this part" in out) == (1, True)


def test_an_entry_of_another_log_is_no_entry_of_this_one(verify: Tool) -> None:
    lines = export(2)
    for line in lines:
        line.update({"log": "tenant/bmw"} if "log" in line else {})
    assert verify(lines)[0] == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [],
        lambda lines: lines[1:],
        lambda lines: [{**lines[0], "format": "another"}, *lines[1:]],
        lambda lines: [{**lines[0], "before": ["00"]}, *lines[1:]],
        lambda lines: [*lines, {"type": "surprise"}],
        lambda lines: [*lines, ["a list"]],
        lambda lines: [lines[0], {"type": "leaf"}],
        lambda lines: [*lines, {"type": "head", "size": "many"}],
        lambda lines: [lines[0], {**lines[1], "entry": "a text"}, *lines[2:]],
        lambda lines: [*lines, {"type": "unsealed", "id": "evt-9", "entry": {"at": "2026-10-07T12:00:00"}}],
        lambda lines: [*lines, {"type": "statement", "lines": [{"license_id": "lic-1"}]}],
    ],
)
def test_what_is_no_export_is_said_in_one_line(spoil: Callable[[Lines], Lines], verify: Tool) -> None:
    code, out, err = verify(spoil(export(3)))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_said_in_one_line(verify: Tool) -> None:
    code, _, err = verify(export(1), "--head", "/nowhere/head.json")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("text", ["[1, 2]", "17", "no JSON", '{"data": 1}', '{"size": 1}\nno JSON', '[{"size": 1}]'])
def test_a_file_without_heads_is_said_in_one_line(text: str, verify: Tool, tmp_path: Path) -> None:
    kept = tmp_path / "heads.json"
    kept.write_text(text, encoding="utf-8")
    code, out, err = verify(export(1), "--head", str(kept))
    assert (code, out, err.count("\n")) == (2, "", 1)
