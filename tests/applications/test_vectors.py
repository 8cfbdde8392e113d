"""The published test vectors: what other languages' SDKs are held to, our own two implementations are too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cloudlicenses_client._signing import ApplicationSecret, canonical
from cloudlicenses_client._wire import Request

from cloudlicenses.kit import signatures
from cloudlicenses.kit.signatures import Signed

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs/request-signatures.json").read_text(encoding="utf-8")
)
KEYS = VECTORS["keys"]


def by_name(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=by_name)
def test_the_server_reads_them_as_they_are_spelled_out(case: dict[str, Any]) -> None:
    asked = case["request"]
    signed = Signed(asked["method"], asked["host"], asked["target"], asked["body"].encode())
    for who, made in case["signed"].items():
        signature = signatures.read(made["header"])
        assert signature is not None
        assert signed.of(signature).decode() == made["canonical"]
        if who == "application":
            assert signatures.is_by_secret(signed, signature, KEYS[who]["secret"].encode())
        else:
            _, der = signatures.public_key_in(KEYS[who]["public_key"])
            assert signatures.is_by_key(signed, signature, signatures.open_public_key(der))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=by_name)
def test_the_sdk_signs_the_same(case: dict[str, Any]) -> None:
    asked, made = case["request"], case["signed"]["application"]
    secret = ApplicationSecret(KEYS["application"]["secret"])
    request = Request(asked["method"], asked["target"], {}, asked["body"].encode())
    message = canonical(request, f"https://{asked['host']}", case["timestamp"], case["nonce"], secret.key_id)
    assert message.decode() == made["canonical"]
    assert made["header"] == signatures.written(secret.key_id, case["timestamp"], case["nonce"], secret.sign(message))


def test_key_ids_are_digests() -> None:
    assert signatures.secret_id(KEYS["application"]["secret"]) == KEYS["application"]["key_id"]
    for name in ("ed25519", "p256"):
        algorithm, der = signatures.public_key_in(KEYS[name]["public_key"])
        assert (algorithm, signatures.key_id(der)) == (KEYS[name]["algorithm"], KEYS[name]["key_id"])
