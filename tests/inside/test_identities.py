"""Certificates inside a deployment: made once, for a day, renewed in time, seen by their owners alone."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cloudlicenses.inside import authority, identities
from cloudlicenses.inside.identities import Identity

POSTGRES = Identity("postgres", ("postgres",))


def certificate_in(directory: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / "identity.pem").read_bytes())


def test_the_shipped_command_makes_what_the_shipped_deployment_mounts(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "cloudlicenses.inside", "--once", f"--authority={tmp_path / 'authority'}")
    (tmp_path / "authority").mkdir()
    asked = ("--identity=authority", "--identity=product", "--identity=postgres:host=postgres")
    for _ in range(2):
        subprocess.run((*command, f"--place={tmp_path}", *asked), check=True, capture_output=True)
        serials = [certificate_in(tmp_path / name).serial_number for name in ("product", "postgres")]
    assert serials == [certificate_in(tmp_path / name).serial_number for name in ("product", "postgres")]
    assert stat.S_IMODE((tmp_path / "product" / "identity.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "authority" / "private.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / "product" / "authority.pem").read_bytes()


def test_it_says_for_whom_and_for_what(tmp_path: Path) -> None:
    vouching = authority.kept_in(tmp_path)
    identities.renew(POSTGRES, vouching, tmp_path)
    identities.renew(Identity("product"), vouching, tmp_path)
    server, client = certificate_in(tmp_path / "postgres"), certificate_in(tmp_path / "product")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["postgres"]
    assert client.subject.rfc4514_string() == "CN=product"
    usage = client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in usage] == ["1.3.6.1.5.5.7.3.2"], "who only calls can be nobody's server"
    key = load_pem_private_key((tmp_path / "product" / "identity.pem").read_bytes(), None)
    assert key.public_key() == client.public_key()
    client.verify_directly_issued_by(vouching.certificate)


def test_it_lasts_a_day_and_is_renewed_after_a_third_of_it(tmp_path: Path) -> None:
    vouching = authority.kept_in(tmp_path)
    assert identities.renew(POSTGRES, vouching, tmp_path)
    first = certificate_in(tmp_path / "postgres")
    assert first.not_valid_after_utc - datetime.now(UTC) <= timedelta(hours=24)
    assert not identities.renew(POSTGRES, vouching, tmp_path)
    (tmp_path / "postgres" / "identity.pem").write_bytes(vouching.issue("postgres", ("postgres",), timedelta(hours=15)))
    assert identities.renew(POSTGRES, vouching, tmp_path)
    assert certificate_in(tmp_path / "postgres").public_key() != first.public_key()


def test_another_authority_means_another_certificate(tmp_path: Path) -> None:
    identities.renew(POSTGRES, authority.kept_in(tmp_path), tmp_path)
    (tmp_path / "private.pem").unlink()
    another = authority.kept_in(tmp_path)
    assert identities.renew(POSTGRES, another, tmp_path)
    assert (tmp_path / "postgres" / "authority.pem").read_bytes() == another.pem


def test_the_command_line_is_read_strictly() -> None:
    assert identities.parse("valkey:owner=999,host=valkey,host=cache") == Identity("valkey", ("valkey", "cache"), 999)
    for wrong in ("", "../postgres", "postgres:hots=postgres", "postgres:owner=root"):
        with pytest.raises(ValueError, match=r"identity|literal"):
            identities.parse(wrong)
