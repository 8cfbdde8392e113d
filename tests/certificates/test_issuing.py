"""A tenant's authority, made when it is needed; certificates from requests; revocation lists and answers about status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from audit.models import AuditEntry
from certificates import authorities, issuing, lists, proving, status
from certificates.models import Authority, Certificate
from certificates.presenting import prove
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import InvalidInput, NotFound
from tenants import context
from tenants.models import Tenant
from tests import builders
from tests.certificates import pki

ACTOR = builders.actor()
OLD_HASH = SHA1()  # noqa: S303 - what OCSP clients hash names with, by RFC 5019
pytestmark = pytest.mark.usefixtures("inside_mercedes")


def header_of(certificate: Certificate) -> str:
    return quote(certificate.pem, safe="")


def parsed(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.pem.encode())


def test_the_first_request_makes_the_authority_and_the_next_use_it() -> None:
    first, second = (issuing.issue(ACTOR, pki.request(name)) for name in ("ws-1", "ws-2"))
    made = Authority.objects.get()
    assert first.authority_id == second.authority_id == made.id
    root = x509.load_der_x509_certificate(bytes(made.certificate))
    root.verify_directly_issued_by(root)
    parsed(first).verify_directly_issued_by(root)
    assert "O=Mercedes-Benz AG" in made.subject
    assert [entry.event for entry in AuditEntry.objects.order_by("id")] == [
        "certificate_authority.created", "certificate.issued", "certificate.issued"
    ]  # fmt: skip


def test_a_certificate_says_what_the_request_asked_for_and_what_we_add() -> None:
    also = (x509.DNSName("WS-042.mercedes.com"), x509.UniformResourceIdentifier("spiffe://mercedes.com/build"))
    issued = issuing.issue(ACTOR, pki.request("Workstation 042", also=also), days=30)
    found = parsed(issued)
    assert issued.names == ["DNS:ws-042.mercedes.com", "URI:spiffe://mercedes.com/build"]
    assert found.subject.rfc4514_string() == "CN=Workstation 042,O=Mercedes-Benz AG"
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [pki.CLIENT]
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert timedelta(days=29, hours=23) < found.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=30)
    points = found.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value.endswith(f"/api/v1/certificates/authorities/{issued.authority_id}/crl")
    proof = prove(header_of(issued))
    assert proof.fault == ""
    assert (proof.common_names, proof.names) == (frozenset({"workstation 042"}), frozenset(issued.names))


def test_a_workload_needs_no_common_name() -> None:
    issued = issuing.issue(
        ACTOR, pki.request("", also=(x509.UniformResourceIdentifier("spiffe://mercedes.com/build"),))
    )
    assert parsed(issued).extensions.get_extension_for_class(x509.SubjectAlternativeName).critical
    assert prove(header_of(issued)).names == {"URI:spiffe://mercedes.com/build"}


@pytest.mark.parametrize(
    ("key", "kind"),
    [(rsa.generate_private_key(65537, 2048), "RSA-2048"), (ec.generate_private_key(ec.SECP384R1()), "P-384"),
     (ed25519.Ed25519PrivateKey.generate(), "Ed25519")],
    ids=["RSA", "P-384", "Ed25519"],
)  # fmt: skip
def test_keys_of_every_good_sort_get_one(key: object, kind: str) -> None:
    issued = issuing.issue(ACTOR, pki.request(key=key))
    assert issued.key_type == kind
    assert prove(header_of(issued)).fault == ""


FORGED = pki.request("ws-042").splitlines()
FORGED[-3] = FORGED[-3][:10] + ("A" if FORGED[-3][10] != "A" else "B") + FORGED[-3][11:]
BAD = {
    "nothing": ("", "unreadable"),
    "a certificate": (pki.client(None).pem, "unreadable"),
    "not what was signed": ("\n".join(FORGED), "bad_signature"),
    "a short key": (pki.request(key=pki.short_key()), "weak_key"),
    "a small exponent": (pki.request(key=rsa.generate_private_key(3, 2048)), "weak_key"),
    "another curve": (pki.request(key=ec.generate_private_key(ec.SECP256K1())), "weak_key"),
    "no name at all": (pki.request(""), "no_name"),
    "a wildcard": (pki.request(also=(x509.DNSName("*.mercedes.com"),)), "bad_name"),
    "an address": (pki.request(also=(x509.UniformResourceIdentifier("https://mercedes.com"),)), "bad_name"),
    "too many names": (pki.request(also=[x509.DNSName(f"ws-{n}.mercedes.com") for n in range(21)]), "too_many_names"),
    "a control character": (pki.request("ws\x07"), "bad_name"),
    "another version": (pki.of_another_version(pki.request()), "unreadable"),
    "a name of no sort": (pki.request_for_a_name_of_no_sort(), "unreadable"),
}


@pytest.mark.parametrize(("csr", "code"), BAD.values(), ids=BAD)
def test_a_bad_request_is_told_what_to_mend(csr: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        issuing.issue(ACTOR, csr)
    assert [(error.field, error.code) for error in refused.value.errors] == [("csr", code)]
    assert not Certificate.objects.exists()
    assert not Authority.objects.exists()


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_a_common_name_is_measured_as_it_is_written() -> None:
    """64 letters will do, but not when they are 128 bytes."""
    long = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ü" * 64, _validate=False)])
    csr = x509.CertificateSigningRequestBuilder(long).sign(pki.new_key(), SHA256()).public_bytes(Encoding.PEM)
    with pytest.raises(InvalidInput) as refused:
        issuing.issue(ACTOR, csr.decode())
    assert refused.value.errors[0].code == "bad_name"
    assert issuing.issue(ACTOR, pki.request("ü" * 32)).common_name == "ü" * 32


def test_the_private_key_of_the_authority_is_sealed() -> None:
    issuing.issue(ACTOR, pki.request())
    made = Authority.objects.get()
    sealed = bytes(made.sealed_private_key)
    plain = authorities.opened(made).key.private_numbers().private_value.to_bytes(32, "big")
    assert plain not in sealed
    assert "private" not in repr(authorities.opened(made)).lower()


def test_a_revoked_certificate_proves_nothing_and_is_on_the_list() -> None:
    kept, lost = (issuing.issue(ACTOR, pki.request(name)) for name in ("kept", "lost"))
    issuing.revoke(ACTOR, lost.id, reason="key_compromise")
    assert prove(header_of(lost)).fault == proving.REVOKED
    assert prove(header_of(kept)).fault == ""
    found = x509.load_der_x509_crl(lists.signed_list(lost.authority_id))
    root = x509.load_der_x509_certificate(bytes(lost.authority.certificate))
    assert found.is_signature_valid(root.public_key())
    assert found.issuer == root.subject
    assert found.next_update_utc - found.last_update_utc == lists.DUE_AFTER
    assert [entry.serial_number for entry in found] == [parsed(lost).serial_number]
    reason = found[0].extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise


def test_revoking_twice_is_revoking_once() -> None:
    issued = issuing.issue(ACTOR, pki.request())
    first, again = issuing.revoke(ACTOR, issued.id, reason="superseded"), issuing.revoke(ACTOR, issued.id)
    assert (first.revoked_at, "superseded") == (again.revoked_at, again.revocation_reason)
    assert AuditEntry.objects.filter(event="certificate.revoked").count() == 1


def test_later_lists_have_larger_numbers() -> None:
    issued = issuing.issue(ACTOR, pki.request())
    signed = (x509.load_der_x509_crl(lists.signed_list(issued.authority_id)) for _ in range(2))
    first, second = (found.extensions.get_extension_for_class(x509.CRLNumber).value for found in signed)
    assert first.crl_number < second.crl_number


@pytest.mark.parametrize("hash_algorithm", [OLD_HASH, SHA256()], ids=["SHA-1", "SHA-256"])
def test_status_of_a_good_a_revoked_and_an_unknown_certificate(hash_algorithm: object) -> None:
    kept, lost = (issuing.issue(ACTOR, pki.request(name)) for name in ("kept", "lost"))
    issuing.revoke(ACTOR, lost.id)
    root = x509.load_der_x509_certificate(bytes(kept.authority.certificate))
    key = root.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    stranger = pki.client(pki.Identity(root, authorities.opened(kept.authority).key)).certificate
    for certificate, expected in ((parsed(kept), "GOOD"), (parsed(lost), "REVOKED"), (stranger, "UNKNOWN")):
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, root, hash_algorithm)
        asked = builder.add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False).build()
        found = ocsp.load_der_ocsp_response(status.answer(asked.public_bytes(Encoding.DER)))
        assert found.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        assert found.certificate_status.name == expected
        assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"
        key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(SHA256()))


def test_whatever_is_asked_about_a_status_is_answered() -> None:
    """A request of ours with one byte changed, wherever: a nameless hash, a negative serial number, lengths that are wrong."""
    issued = issuing.issue(ACTOR, pki.request())
    root = x509.load_der_x509_certificate(bytes(issued.authority.certificate))
    asked = ocsp.OCSPRequestBuilder().add_certificate(parsed(issued), root, SHA256())
    sent = asked.add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False).build().public_bytes(Encoding.DER)
    found = set()
    for place in range(len(sent)):
        for change in (0x01, 0x80):
            bent = sent[:place] + bytes([sent[place] ^ change]) + sent[place + 1 :]
            found.add(ocsp.load_der_ocsp_response(status.answer(bent)).response_status.name)
    assert found == {"SUCCESSFUL", "MALFORMED_REQUEST", "UNAUTHORIZED"}


def test_status_of_nothing_of_ours() -> None:
    issuing.issue(ACTOR, pki.request())
    elsewhere = pki.authority("elsewhere")
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        pki.client(elsewhere).certificate, elsewhere.certificate, OLD_HASH
    )
    answers = {
        b"": "MALFORMED_REQUEST",
        b"0": "MALFORMED_REQUEST",
        asked.build().public_bytes(Encoding.DER): "UNAUTHORIZED",
    }
    for sent, expected in answers.items():
        assert ocsp.load_der_ocsp_response(status.answer(sent)).response_status.name == expected


def test_a_new_authority_takes_over_and_the_former_still_counts() -> None:
    old = issuing.issue(ACTOR, pki.request("old"))
    authorities.rotate(ACTOR)
    new = issuing.issue(ACTOR, pki.request("new"))
    assert old.authority_id != new.authority_id
    assert [prove(header_of(each)).fault for each in (old, new)] == ["", ""]
    authorities.remove(ACTOR, old.authority_id)
    assert [prove(header_of(each)).fault for each in (old, new)] == [proving.UNKNOWN_ISSUER, ""]
    assert Authority.objects.get(pk=old.authority_id).sealed_private_key is None
    with pytest.raises(NotFound):
        lists.signed_list(old.authority_id)


def test_an_authority_makes_way_before_it_would_end_before_what_it_issues(monkeypatch: pytest.MonkeyPatch) -> None:
    old = issuing.issue(ACTOR, pki.request("old"))
    later = clock.now() + timedelta(days=3650 - 800)
    monkeypatch.setattr(clock, "now", lambda: later)
    new = issuing.issue(ACTOR, pki.request("new"), days=825)
    assert old.authority_id != new.authority_id
    assert new.not_after <= Authority.objects.get(pk=new.authority_id).not_after


def test_each_tenant_has_an_authority_of_its_own() -> None:
    issued = issuing.issue(ACTOR, pki.request())
    with context.inside("bmw"):
        assert prove(header_of(issued)).fault == proving.NO_AUTHORITY
        issuing.issue(ACTOR, pki.request())
        assert prove(header_of(issued)).fault == proving.UNKNOWN_ISSUER
        assert Authority.objects.count() == 1


def test_a_company_with_a_long_name_gets_one_too() -> None:
    with context.platform():
        Tenant.objects.filter(id="mercedes").update(company_name="M" * 200)
    assert prove(header_of(issuing.issue(ACTOR, pki.request("w" * 64)))).fault == ""
