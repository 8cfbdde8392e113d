"""What a presented certificate proves, case by case; no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certificates import proving
from certificates.proving import Anchor, Proof
from tests.certificates import pki

NOW = datetime.now(UTC)
ROOT = pki.authority("Mercedes Root")
BETWEEN = pki.authority("Mercedes Issuing", ROOT, path_length=0)
OTHER_ROOT = pki.authority("BMW Root")
SPIFFE = "URI:spiffe://mercedes.com/build"


def trusted(*authorities: pki.Identity, revoked: tuple[x509.Certificate, ...] = ()) -> list[Anchor]:
    serials = frozenset(f"{each.serial_number:x}" for each in revoked)
    return [Anchor(each.certificate, serials) for each in authorities]


def proof_of(presented: pki.Identity, *anchors: Anchor, now: datetime = NOW) -> Proof:
    return proving.judge(proving.read(presented.header), anchors, now)


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate(),
     rsa.generate_private_key(65537, 2048)],
    ids=["P-256", "P-384", "Ed25519", "RSA"],
)  # fmt: skip
def test_a_certificate_of_a_trusted_authority_proves_its_names(key: object) -> None:
    found = proof_of(pki.client(ROOT, "WS-042", also=("DNS:ws-042.mercedes.com", SPIFFE), key=key), *trusted(ROOT))
    assert found.fault == ""
    assert found.common_names == {"ws-042"}
    assert found.names == {"DNS:ws-042.mercedes.com", SPIFFE}


def test_it_proves_them_until_the_first_link_of_its_chain_ends() -> None:
    short = pki.authority("Short", ROOT, ends=NOW + timedelta(hours=1))
    found = proof_of(pki.client(short), *trusted(ROOT, short))
    assert found.valid_until == short.certificate.not_valid_after_utc
    assert (
        proof_of(pki.client(short), *trusted(ROOT, short), now=found.valid_until + timedelta(seconds=1)).fault
        == proving.UNKNOWN_ISSUER
    )


def test_one_between_is_enough_when_it_is_known() -> None:
    assert proof_of(pki.client(BETWEEN), *trusted(ROOT, BETWEEN)).fault == ""
    assert proof_of(pki.client(BETWEEN), *trusted(ROOT)).fault == proving.UNKNOWN_ISSUER
    assert proof_of(pki.client(BETWEEN), *trusted(BETWEEN)).fault == proving.UNKNOWN_ISSUER


IMPOSTOR = pki.authority("Mercedes Root")  # the name of the true one, with another key
CLIENT = pki.client(ROOT, "a client")
BELOW_PATH_LENGTH = pki.authority("too deep", BETWEEN)
WRONG = {
    "self-signed": (pki.client(None), proving.UNKNOWN_ISSUER),
    "of another tenant's authority": (pki.client(OTHER_ROOT), proving.UNKNOWN_ISSUER),
    "of an authority that only has the name": (pki.client(IMPOSTOR), proving.UNKNOWN_ISSUER),
    "issued by a client": (pki.client(CLIENT), proving.UNKNOWN_ISSUER),
    "expired": (pki.client(ROOT, begins=NOW - 2 * pki.DAY, ends=NOW - pki.DAY), proving.EXPIRED),
    "not valid yet": (pki.client(ROOT, begins=NOW + pki.DAY, ends=NOW + 2 * pki.DAY), proving.NOT_YET),
    "for servers": (pki.client(ROOT, usage=(pki.SERVER,)), proving.NOT_FOR_CLIENTS),
    "for anything": (pki.client(ROOT, usage=()), proving.NOT_FOR_CLIENTS),
    "with a short key": (pki.client(ROOT, key=pki.short_key()), proving.WEAK),
}  # fmt: skip


@pytest.mark.parametrize(("presented", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_one_proves_nothing_and_says_why(presented: pki.Identity, fault: str) -> None:
    found = proof_of(presented, *trusted(ROOT, BETWEEN))
    assert found == Proof(fault=fault)


def test_an_authority_may_not_issue_deeper_than_it_was_allowed() -> None:
    presented = pki.client(BELOW_PATH_LENGTH)
    assert proof_of(presented, *trusted(ROOT, BETWEEN, BELOW_PATH_LENGTH)).fault == proving.UNKNOWN_ISSUER


def test_what_an_authority_revoked_proves_nothing() -> None:
    presented, other = pki.client(ROOT), pki.client(ROOT)
    anchors = trusted(ROOT, revoked=(presented.certificate,))
    assert proof_of(presented, *anchors).fault == proving.REVOKED
    assert proof_of(other, *anchors).fault == ""


def test_a_renewed_authority_keeps_the_list_of_the_former_one() -> None:
    """Same name, same key: a chain leads to either of its certificates, and its list is about what the key has signed."""
    renewed, lost = pki.authority("Mercedes Root", key=ROOT.key), pki.client(ROOT)
    listed, silent = trusted(ROOT, revoked=(lost.certificate,)), trusted(renewed)
    for anchors in (listed + silent, silent + listed, trusted(renewed, revoked=(lost.certificate,)) + trusted(ROOT)):
        assert proof_of(lost, *anchors).fault == proving.REVOKED
        assert proof_of(pki.client(ROOT), *anchors).fault == ""


def test_whom_a_revoked_authority_issued_proves_nothing() -> None:
    anchors = trusted(ROOT, revoked=(BETWEEN.certificate,)) + trusted(BETWEEN)
    assert proof_of(pki.client(BETWEEN), *anchors).fault == proving.REVOKED


@pytest.mark.parametrize(
    "sent",
    [
        "forged",
        "",
        "-----BEGIN CERTIFICATE-----",
        "%00",
        "%2D" * 20_000,
        ROOT.pem[:300],
        pki.of_another_version(ROOT.pem),
    ],
)
def test_what_is_no_certificate_is_told_apart(sent: str) -> None:
    assert proving.judge(proving.read(sent), trusted(ROOT), NOW).fault == proving.UNREADABLE


def test_what_is_too_long_to_be_one_is_not_kept() -> None:
    before = proving._read.cache_info()
    proving.read("%2D" * 20_000)
    assert proving._read.cache_info() == before
    assert before.maxsize * proving.LONGEST_HEADER < 20_000_000


def test_nothing_is_proved_where_nobody_is_trusted() -> None:
    assert proof_of(pki.client(ROOT)).fault == proving.NO_AUTHORITY


def test_a_name_constraint_of_an_authority_holds() -> None:
    only = x509.NameConstraints([x509.DNSName("mercedes.com")], None)
    narrow = pki.authority("narrow", constraints=only)
    assert proof_of(pki.client(narrow, also=("DNS:a.mercedes.com",)), *trusted(narrow)).fault == ""
    assert proof_of(pki.client(narrow, also=("DNS:a.bmw.de",)), *trusted(narrow)).fault == proving.UNKNOWN_ISSUER
