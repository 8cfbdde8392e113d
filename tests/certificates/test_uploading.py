"""A tenant's own authority: what may be uploaded, what follows from it, and from its revocation lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from audit.models import AuditEntry
from certificates import authorities, lists, proving, uploading
from certificates.models import Authority
from certificates.presenting import prove
from certificates.refusals import AuthorityKnown, RevocationListTooOld, TooManyAuthorities
from cloudlicenses.kit.refusals import InvalidInput, NotFound
from tests import builders
from tests.certificates import pki

ACTOR = builders.actor()
NOW = datetime.now(UTC)
ROOT = pki.authority("Mercedes Root")
BETWEEN = pki.authority("Mercedes Issuing", ROOT)
pytestmark = pytest.mark.usefixtures("inside_mercedes")


def fault(presented: pki.Identity) -> str:
    return prove(presented.header).fault


def test_whom_an_uploaded_authority_issued_may_come_in() -> None:
    assert fault(pki.client(ROOT)) == proving.NO_AUTHORITY
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    assert fault(pki.client(ROOT)) == ""
    assert (row.is_ours, row.sealed_private_key, row.subject) == (False, None, "CN=Mercedes Root")
    assert AuditEntry.objects.get().event == "certificate_authority.uploaded"


def test_a_chain_is_uploaded_whole_or_from_the_root_down() -> None:
    uploading.upload(ACTOR, BETWEEN.pem + ROOT.pem)
    assert fault(pki.client(BETWEEN)) == ""
    further = pki.authority("Further", BETWEEN)
    uploading.upload(ACTOR, further.pem)
    assert fault(pki.client(further)) == ""


def test_several_are_trusted_side_by_side_and_each_can_go() -> None:
    other = pki.authority("Daimler Root")
    first, _ = uploading.upload(ACTOR, ROOT.pem + other.pem)
    authorities.remove(ACTOR, first.id)
    assert (fault(pki.client(ROOT)), fault(pki.client(other))) == (proving.UNKNOWN_ISSUER, "")
    uploading.upload(ACTOR, ROOT.pem)
    assert fault(pki.client(ROOT)) == ""


def test_without_its_root_one_between_is_worth_nothing() -> None:
    between, root = uploading.upload(ACTOR, BETWEEN.pem + ROOT.pem)
    authorities.remove(ACTOR, root.id)
    assert fault(pki.client(BETWEEN)) == proving.UNKNOWN_ISSUER
    assert Authority.objects.get(pk=between.id).removed_at is None


BAD = {
    "nothing": ("", "unreadable"),
    "no certificate": ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "unreadable"),
    "the key as well": (ROOT.pem + ROOT.key_pem.decode(), "private_key"),
    "a client": (pki.client(ROOT).pem, "not_an_authority"),
    "one that may not sign": (pki.authority("mute", may_sign=False).pem, "not_an_authority"),
    "an expired one": (pki.authority("old", begins=NOW - 2 * pki.DAY, ends=NOW - pki.DAY).pem, "not_in_force"),
    "one of a day to come": (pki.authority("new", begins=NOW + pki.DAY, ends=NOW + 2 * pki.DAY).pem, "not_in_force"),
    "a short key": (pki.authority("weak", key=pki.short_key()).pem, "weak_key"),
    "one whose chains we can't check": (pki.authority("Ed", key=ed25519.Ed25519PrivateKey.generate()).pem, "weak_key"),
    "one without its root": (BETWEEN.pem, "chain_broken"),
    "another root of that name": (BETWEEN.pem + pki.authority("Mercedes Root").pem, "chain_broken"),
    "eleven": ("".join(pki.authority(f"Root {n}").pem for n in range(11)), "too_many"),
}


@pytest.mark.parametrize(("pem", "code"), BAD.values(), ids=BAD)
def test_what_is_not_fit_is_refused_whole(pem: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        uploading.upload(ACTOR, pem)
    assert [(error.field, error.code) for error in refused.value.errors] == [("certificates", code)]
    assert not Authority.objects.exists()


def test_the_same_one_is_trusted_once() -> None:
    uploading.upload(ACTOR, ROOT.pem + ROOT.pem)
    with pytest.raises(AuthorityKnown):
        uploading.upload(ACTOR, ROOT.pem)
    assert Authority.objects.count() == 1


def test_there_is_an_end_to_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorities, "MOST_AUTHORITIES", 1)
    uploading.upload(ACTOR, ROOT.pem)
    with pytest.raises(TooManyAuthorities):
        uploading.upload(ACTOR, BETWEEN.pem)
    with pytest.raises(TooManyAuthorities):
        authorities.rotate(ACTOR)
    assert Authority.objects.count() == 1


def test_what_its_list_names_is_refused_until_a_list_that_does_not() -> None:
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    lost, kept = pki.client(ROOT), pki.client(ROOT)
    lists.take_list(ACTOR, row.id, pki.revocation_list(ROOT, [lost.certificate.serial_number], issued=NOW))
    assert (fault(lost), fault(kept)) == (proving.REVOKED, "")
    lists.take_list(ACTOR, row.id, pki.revocation_list(ROOT, [], issued=NOW + timedelta(seconds=60)))
    assert fault(lost) == ""
    with pytest.raises(RevocationListTooOld):
        lists.take_list(ACTOR, row.id, pki.revocation_list(ROOT, [lost.certificate.serial_number], issued=NOW))


def test_a_root_revokes_one_between() -> None:
    _, root = uploading.upload(ACTOR, BETWEEN.pem + ROOT.pem)
    lists.take_list(ACTOR, root.id, pki.revocation_list(ROOT, [BETWEEN.certificate.serial_number]))
    assert fault(pki.client(BETWEEN)) == proving.REVOKED


@pytest.mark.parametrize(
    ("sent", "code"),
    [(b"", "unreadable"), (b"-----BEGIN X509 CRL-----", "unreadable"), (pki.revocation_list(BETWEEN, []), "bad_signature"),
     (pki.revocation_list(ROOT, [], issued=NOW + pki.DAY), "not_in_force")],
    ids=["nothing", "torn", "of another authority", "of tomorrow"],
)  # fmt: skip
def test_a_list_that_is_none_changes_nothing(sent: bytes, code: str) -> None:
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    with pytest.raises(InvalidInput) as refused:
        lists.take_list(ACTOR, row.id, sent)
    assert refused.value.errors[0].code == code
    assert Authority.objects.get().crl_issued_at is None


@pytest.mark.parametrize(
    "part",
    [x509.DeltaCRLIndicator(1),
     x509.IssuingDistributionPoint(None, None, False, True, None, False, False),
     x509.IssuingDistributionPoint(None, None, False, False, frozenset([x509.ReasonFlags.key_compromise]), False, False)],
    ids=["what is new", "of authorities", "of some reasons"],
)  # fmt: skip
def test_a_part_of_a_list_does_not_take_the_place_of_the_whole(part: x509.ExtensionType) -> None:
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    lost = pki.client(ROOT)
    lists.take_list(ACTOR, row.id, pki.revocation_list(ROOT, [lost.certificate.serial_number]))
    with pytest.raises(InvalidInput) as refused:
        lists.take_list(ACTOR, row.id, pki.revocation_list(ROOT, [], also=part))
    assert refused.value.errors[0].code == "partial"
    assert fault(lost) == proving.REVOKED


def test_a_list_in_pem_will_do() -> None:
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    lost = pki.client(ROOT)
    der = pki.revocation_list(ROOT, [lost.certificate.serial_number])
    lists.take_list(ACTOR, row.id, x509.load_der_x509_crl(der).public_bytes(Encoding.PEM))
    assert fault(lost) == proving.REVOKED


def test_lists_are_each_authoritys_own_matter() -> None:
    (row,) = uploading.upload(ACTOR, ROOT.pem)
    with pytest.raises(NotFound):
        lists.signed_list(row.id)
    with pytest.raises(NotFound):
        lists.take_list(ACTOR, authorities.rotate(ACTOR).id, b"")
