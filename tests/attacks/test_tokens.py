"""Signed packages and leases, forged in every known way, shown to the verifiers that customers use: the SDK's and the guide's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cloudlicenses_client import LeaseTokenError
from cloudlicenses_client._token import Expected, parse, verified_claims
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from cloudlicenses.kit import clock
from keys import signing
from licensing.tokens import TYPE, lease_token
from tenants import context
from tests import cast, sites
from tests.pages.selling import sold
from vendors.models import IssuedLicense

LEASE = {
    "lease_id": "lease-1", "license_id": "lic-1", "lease_type": "commit", "vendor_id": "vector-de", "product_id": "davinci",
    "user": "anna", "hostname": "ws-1",
}  # fmt: skip
EXPECTED = Expected(product="davinci", user="anna", hostname="ws-1", tenant=cast.MERCEDES.id)
Json = dict[str, Any]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def lease_of(tenant_id: str) -> tuple[str, Json]:
    """A genuine lease of that tenant, and the public keys at its host."""
    with context.inside(tenant_id):
        signer = signing.signer_for(tenant_id)
        now = clock.now()
        token = lease_token(
            signer,
            tenant_id=tenant_id,
            lease=LEASE,
            features=["a"],
            offline=True,
            moment=now,
            expires=now.replace(year=2099),
        )
    published = sites.tenant(tenant_id).get("/.well-known/jwks.json")
    return token, published.json()


def believe(token: str, published: Json) -> str:
    """As the SDK does: the key that the header names, out of what the server published. The lease's user."""
    signed = parse(token)
    keys = {key["kid"]: key for key in published["keys"] if key.get("crv") == "Ed25519"}
    if signed.key_id not in keys:
        raise LeaseTokenError("unknown key")
    public = Ed25519PublicKey.from_public_bytes(unb64(keys[signed.key_id]["x"]))
    return verified_claims(signed, public, EXPECTED).user


def again(
    token: str, *, header: Json | None = None, payload: Json | None = None, sign: Callable[[bytes], bytes] | None = None
) -> str:
    """The token with other members in its parts, and this signature or its own."""
    parts = token.split(".")
    first = b64(json.dumps(json.loads(unb64(parts[0])) | (header or {})).encode())
    second = b64(json.dumps(json.loads(unb64(parts[1])) | (payload or {})).encode())
    third = b64(sign(f"{first}.{second}".encode())) if sign else parts[2]
    return f"{first}.{second}.{third}"


def forgeries(token: str, published: Json) -> dict[str, str]:
    """Each is what an attacker makes of a genuine token who has everything public and keys of their own."""
    own = Ed25519PrivateKey.generate()
    own_jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(own.public_key().public_bytes_raw())}
    public = unb64(next(key["x"] for key in published["keys"] if "x" in key))
    first, second, third = token.split(".")

    def by_hmac(secret: bytes) -> Callable[[bytes], bytes]:
        return lambda signed: hmac.digest(secret, signed, hashlib.sha256)

    return {
        "nobody signed": again(token, header={"alg": "none"}, sign=lambda _: b""),
        "nobody signed, in capitals": again(token, header={"alg": "nOnE"}, sign=lambda _: b""),
        "no signature": f"{first}.{second}.",
        "two parts": f"{first}.{second}",
        "the public key as a password": again(token, header={"alg": "HS256"}, sign=by_hmac(public)),
        "the published text as a password": again(
            token, header={"alg": "HS256"}, sign=by_hmac(json.dumps(published).encode())
        ),
        "HMAC under our own name": again(token, sign=by_hmac(public)),
        "a key of one's own, named as ours": again(token, sign=own.sign),
        "a key of one's own, in the header": again(token, header={"jwk": own_jwk}, sign=own.sign),
        "a key of one's own, by address": again(token, header={"jku": "https://evil.example/jwks.json"}, sign=own.sign),
        "a certificate by address": again(token, header={"x5u": "https://evil.example/a.pem"}, sign=own.sign),
        "a key out of a file": again(token, header={"kid": "../../../dev/null"}, sign=by_hmac(b"")),
        "a key out of a query": again(token, header={"kid": "x' UNION SELECT 'AA"}, sign=by_hmac(b"AA")),
        "no key's name": again(token, header={"kid": None}, sign=own.sign),
        "a list of keys": again(token, header={"kid": [json.loads(unb64(first))["kid"]]}),
        "an unknown critical member": again(token, header={"crit": ["b64"], "b64": False}),
        "another user": again(token, payload={"sub": "mallory"}),
        "a later end": again(token, payload={"exp": 9_999_999_999}),
        "another part of the signature": f"{first}.{second}.{b64(bytes(64))}",
        "padding": f"{first}=.{second}.{third}",
        "a blank": f" {token}",
        "five parts": f"{token}.{third}.{third}",
        "JSON instead of compact": json.dumps({"protected": first, "payload": second, "signature": third}),
    }


EMPTY = ".".join(map(b64, (b'{"kid": "k"}', b"{}", b"s")))
NAMES = list(forgeries(EMPTY, {"keys": [{"x": b64(bytes(32))}]}))


@pytest.mark.parametrize("forgery", NAMES)
def test_the_sdk_believes_no_forged_lease(db: None, forgery: str) -> None:
    token, published = lease_of(cast.MERCEDES.id)
    assert believe(token, published) == "anna"
    with pytest.raises(LeaseTokenError):
        believe(forgeries(token, published)[forgery], published)


def test_a_lease_signed_with_another_tenants_key_is_not_believed(db: None) -> None:
    """The neighbour signs our claims with their key, under its own name and under ours."""
    token, published = lease_of(cast.MERCEDES.id)
    with context.inside(cast.BMW.id):
        theirs = signing.signer_for(cast.BMW.id)
    for header in ({"kid": theirs.kid}, {}):
        with pytest.raises(LeaseTokenError):
            believe(again(token, header=header, sign=theirs.sign), published)


def test_each_tenant_publishes_its_own_keys_alone(db: None) -> None:
    of_mercedes, of_bmw = (
        {key["kid"] for key in lease_of(tenant_id)[1]["keys"]} for tenant_id in (cast.MERCEDES.id, cast.BMW.id)
    )
    assert of_mercedes
    assert not of_mercedes & of_bmw


def test_what_was_signed_for_another_purpose_is_no_lease(db: None) -> None:
    """A package, or anything else under the right key: the type is part of what is signed."""
    token, published = lease_of(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        signer = signing.signer_for(cast.MERCEDES.id)
    for kind in ("JWT", "at+jwt", "cl-package+jwt", TYPE.upper(), None):
        with pytest.raises(LeaseTokenError):
            believe(again(token, header={"typ": kind}, sign=signer.sign), published)


@pytest.fixture
def package(db: None) -> tuple[str, Json]:
    """As a vendor sold it, and the vendors' public keys."""
    license_id = sold()
    with context.acting_for(cast.VECTOR.id):
        text = IssuedLicense.objects.get(pk=license_id).package
    return text, sites.vendors().get("/.well-known/jwks.json").json()


def verified(package: str, published: Json, directory: Path) -> int:
    """What the guide's own verifier says, as anybody would run it."""
    (directory / "package").write_text(package)
    (directory / "jwks").write_text(json.dumps(published))
    command = [sys.executable, str(settings.BASE_DIR / "docs" / "verify_package.py"), "package", "jwks"]
    return subprocess.run(command, cwd=directory, capture_output=True, check=False).returncode


def test_the_guides_verifier_believes_no_forged_package(package: tuple[str, Json], tmp_path: Path) -> None:
    text, published = package
    assert verified(text, published, tmp_path) == 0
    believed = {
        name for name, forged in forgeries(text, published).items() if not verified(forged, published, tmp_path)
    }
    assert believed <= {"a blank"}, "blanks around it in its file are no part of it"


def test_a_package_signed_by_another_vendor_is_not_the_vendors(package: tuple[str, Json], tmp_path: Path) -> None:
    text, _ = package
    with context.acting_for(cast.GREENHILLS.id):
        theirs = signing.signer_for(cast.GREENHILLS.id)
    of_vector = sites.vendors().get("/.well-known/jwks.json", {"vendor": cast.VECTOR.id}).json()
    assert verified(again(text, header={"kid": theirs.kid}, sign=theirs.sign), of_vector, tmp_path) != 0
    assert {key["kid"] for key in of_vector["keys"]}.isdisjoint({theirs.kid})
