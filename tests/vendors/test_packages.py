"""The signed package: verified with nothing but the public keys, and any changed byte is noticed."""

from __future__ import annotations

import base64
import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from keys import signing
from tenants.context import inside
from tests import cast, sites
from tests.sites import Site
from tests.vendors.crm import Crm, refused

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_package.py"
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/="


def fetched(vector: Crm, license_id: str) -> str:
    answer = vector.ask("GET", f"/packages/{license_id}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jose")
    package: str = answer.content.decode()
    return package


def published(query: str = "") -> str:
    answer = sites.vendors().ask("GET", f"/.well-known/jwks.json{query}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=300")
    text: str = answer.content.decode()
    return text


def decoded(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def verified(place: Path, package: str, jwks: str) -> subprocess.CompletedProcess[str]:
    (place / "package.jose").write_text(package)
    (place / "jwks.json").write_text(jwks)
    command = [sys.executable, str(SCRIPT), str(place / "package.jose"), str(place / "jwks.json")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_script_in_the_docs_verifies_what_was_sold(vector: Crm, tmp_path: Path) -> None:
    package = fetched(vector, vector.sold())
    done = verified(tmp_path, package, published("?vendor=vector-de"))
    assert done.returncode == 0, done.stderr
    license = json.loads(done.stdout)
    assert (license["license_id"], license["revision"], license["status"]) == (
        "lic-vector-mercedes-2025-001", 1, "active",
    )  # fmt: skip
    assert license["vendor"] == {"id": "vector-de", "name": cast.VECTOR.name}
    assert license["customer"] == {
        "tenant_id": "mercedes",
        "crm_account_id": "ACC-98765",
        "name": "Mercedes-Benz AG",
    }
    assert license["entitlement"] == {
        "total_licenses": 20,
        "commit_qty": 5,
        "max_overage": 15,
        "pricing": {"commit_fee_monthly": 5000.0, "overage_per_use": 500.0, "currency": "EUR"},
    }
    assert license["product"]["version"] == ">=8.0.0"
    assert license["contract"]["start_date"] == "2025-01-01"


def test_money_keeps_its_cents(vector: Crm) -> None:
    payload = fetched(vector, vector.sold()).split(".")[1]
    assert b'"commit_fee_monthly":5000.00,"overage_per_use":500.00' in base64.urlsafe_b64decode(payload + "==")


def test_the_header_says_where_the_keys_are_and_carries_both_signatures(vector: Crm) -> None:
    header = decoded(fetched(vector, vector.sold()).split(".")[0])
    assert (header["alg"], header["typ"]) == ("EdDSA", "cl-package+jws")
    assert header["jku"] == "http://vendors.localhost:8000/.well-known/jwks.json?vendor=vector-de"
    assert header["pq"]["alg"] == "ML-DSA-65"
    kids = {key["kid"]: key["alg"] for key in json.loads(published("?vendor=vector-de"))["keys"]}
    assert kids == {header["kid"]: "EdDSA", header["pq"]["kid"]: "ML-DSA-65"}


def test_the_script_notices_a_change(vector: Crm, tmp_path: Path) -> None:
    package = fetched(vector, vector.sold())
    jwks = published("?vendor=vector-de")
    header, payload, signature = package.split(".")
    dearer = base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + "==").replace(b":20,", b":99,")).decode()
    assert verified(tmp_path, ".".join((header, dearer.rstrip("="), signature)), jwks).returncode != 0
    assert verified(tmp_path, package, '{"keys": []}').returncode != 0


@dataclass
class Signed:
    """A package and its keys; `check` runs the script in this process: an interpreter for each of 300 bytes takes minutes."""

    package: str
    jwks: str
    place: Path

    def check(self, package: str) -> None:
        files = {"package.jose": package, "jwks.json": self.jwks}
        for name, text in files.items():
            (self.place / name).write_text(text)
        with mock_argv(str(SCRIPT), *(str(self.place / name) for name in files)):
            runpy.run_path(str(SCRIPT))


@contextmanager
def mock_argv(*arguments: str) -> Iterator[None]:
    before, sys.argv = sys.argv, list(arguments)
    try:
        yield
    finally:
        sys.argv = before


@pytest.fixture
def signed(vector: Crm, tmp_path: Path) -> Signed:
    return Signed(fetched(vector, vector.sold()), published(), tmp_path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_anywhere_is_noticed(signed: Signed, data: st.DataObject) -> None:
    header = signed.package.index(".")  # most of a package: half of the changes go behind it
    place = data.draw(st.integers(0, header) | st.integers(header + 1, len(signed.package) - 1))
    other = data.draw(st.sampled_from(BASE64URL).filter(lambda letter: letter != signed.package[place]))
    with pytest.raises((ValueError, KeyError, TypeError, InvalidSignature, SystemExit)):
        signed.check(signed.package[:place] + other + signed.package[place + 1 :])


def test_the_last_byte_has_one_spelling(signed: Signed) -> None:
    """The last character of a base64 signature has spare bits that a careless decoder ignores."""
    signed.check(signed.package)
    for other in BASE64URL.replace(signed.package[-1], ""):
        with pytest.raises((ValueError, InvalidSignature, SystemExit)):
            signed.check(signed.package[:-1] + other)


def test_an_amendment_is_signed_anew(vector: Crm, tmp_path: Path) -> None:
    license_id = vector.sold()
    before = fetched(vector, license_id)
    vector.amend(license_id, entitlement={"pricing": {"overage_per_use": 450}})
    after = fetched(vector, license_id)
    assert after != before
    license = decoded(after.split(".")[1])
    assert (license["revision"], license["entitlement"]["pricing"]["overage_per_use"]) == (2, 450)
    assert verified(tmp_path, after, published()).returncode == 0


def test_an_old_package_stays_good_after_the_keys_were_rotated(vector: Crm, tmp_path: Path) -> None:
    license_id = vector.sold()
    old = fetched(vector, license_id)
    call_command("rotate_signing_key", "vendor:vector-de", stdout=StringIO())
    vector.change(license_id, "suspend")
    new = fetched(vector, license_id)
    assert decoded(new.split(".")[0])["kid"] != decoded(old.split(".")[0])["kid"]
    assert verified(tmp_path, old, published()).returncode == 0
    assert verified(tmp_path, new, published()).returncode == 0
    entry = AuditEntry.objects.get(event="signing_key.rotated")
    assert (entry.actor_kind, entry.vendor_id, len(entry.facts["kids"])) == ("operator", "vector-de", 2)


def test_a_tenants_leases_are_signed_with_its_next_key(mercedes_site: Site, db: None) -> None:
    with inside("mercedes"):
        before = signing.signer_for("mercedes").kid
    call_command("rotate_signing_key", "tenant:mercedes", stdout=StringIO())
    with inside("mercedes"):
        after = signing.signer_for("mercedes").kid
        assert AuditEntry.objects.filter(event="signing_key.rotated").count() == 1
    assert [key["kid"] for key in mercedes_site.get("/.well-known/jwks.json").json()["keys"]] == [after, before]


@pytest.mark.parametrize("owner", ["vendor:nobody", "tenant:nobody", "platform", "mercedes"])
def test_who_signs_nothing_has_no_key_to_rotate(owner: str, db: None) -> None:
    with pytest.raises(CommandError, match="not_found"):
        call_command("rotate_signing_key", owner, stdout=StringIO())


def test_a_package_is_its_vendors_only(vector: Crm, greenhills: Crm) -> None:
    license_id = vector.sold()
    assert refused(greenhills.ask("GET", f"/packages/{license_id}")) == (404, "not_found")
    assert refused(vector.site.ask("GET", f"/packages/{license_id}")) == (401, "key_missing")
    assert refused(vector.ask("GET", "/packages/lic-none")) == (404, "not_found")


def test_keys_of_one_vendor_or_of_all(vector: Crm, greenhills: Crm) -> None:
    vector.sold()
    greenhills.sold(product={"id": cast.MULTI.id})
    assert len(json.loads(published("?vendor=greenhills"))["keys"]) == 2
    assert len(json.loads(published())["keys"]) == 4
    assert json.loads(published("?vendor=nobody")) == {"keys": []}
    assert "private" not in published()
