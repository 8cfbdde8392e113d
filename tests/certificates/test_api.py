"""Certificates over the API: issued once, listed, revoked, by those who may; and what anybody may fetch."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from accounts import tokens
from accounts.models import Role
from audit.models import AuditEntry
from certificates.models import Authority, Certificate
from tenants.context import inside
from tests import builders, sites
from tests.certificates import pki

ISSUE, AUTHORITIES = "/api/v1/certificates/issue", "/api/v1/certificates/authorities"


def token_of(role: Role, tenant_id: str = "mercedes") -> str:
    with inside(tenant_id):
        user = builders.person(f"{role}@{tenant_id}.example", role=role)
        return tokens.issue(user, "test", actor=builders.actor())[1]


@pytest.fixture
def admin(db: None) -> str:
    return token_of(Role.LICENSE_ADMIN)


def test_a_certificate_is_issued_shown_and_listed(mercedes_site: sites.Site, admin: str) -> None:
    answer = mercedes_site.ask("POST", ISSUE, {"csr": pki.request("ws-042"), "valid_days": 30}, key=admin)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["status"], made["common_name"], made["key_type"]) == ("valid", "ws-042", "P-256")
    x509.load_pem_x509_certificate(made["certificate"].encode()).verify_directly_issued_by(
        x509.load_pem_x509_certificate(made["ca_certificate"].encode())
    )
    listed = mercedes_site.ask("GET", "/api/v1/certificates", key=admin).json()["data"]
    assert [one["certificate_id"] for one in listed] == [made["certificate_id"]]
    assert mercedes_site.ask("GET", f"/api/v1/certificates/{made['certificate_id']}", key=admin).json() == made
    with inside("mercedes"):
        entry = AuditEntry.objects.get(event="certificate.issued")
    assert (entry.subject_id, entry.actor_label) == (made["certificate_id"], "license_admin@mercedes.example")


def test_a_repeated_request_issues_one(mercedes_site: sites.Site, admin: str) -> None:
    wanted = {"csr": pki.request()}
    first, again = (mercedes_site.ask("POST", ISSUE, wanted, key=admin, idempotency_key="k") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    with inside("mercedes"):
        assert Certificate.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"csr": "x"}, {}, {"csr": 5}, {"csr": pki.request(), "valid_days": 0}, {"csr": pki.request(), "valid_days": 826}],
)
def test_a_bad_request_is_refused_by_field(mercedes_site: sites.Site, admin: str, wrong: object) -> None:
    answer = mercedes_site.ask("POST", ISSUE, wrong, key=admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["errors"][0]["field"] in {"csr", "valid_days"}


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VIEWER])
def test_who_may_only_look_issues_none(mercedes_site: sites.Site, role: Role, db: None) -> None:
    key = token_of(role)
    assert mercedes_site.ask("GET", "/api/v1/certificates", key=key).status_code == 200
    answer = mercedes_site.ask("POST", ISSUE, {"csr": pki.request()}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")
    with inside("mercedes"):
        assert not Certificate.objects.exists()


def test_an_application_issues_none(mercedes_site: sites.Site, db: None) -> None:
    with inside("mercedes"):
        key = builders.tenant_key()
    assert mercedes_site.ask("POST", ISSUE, {"csr": pki.request()}, key=key).json()["code"] == "scope_missing"


def test_another_tenants_certificate_is_not_there(bmw_site: sites.Site, mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", ISSUE, {"csr": pki.request()}, key=admin).json()
    key = token_of(Role.OWNER, "bmw")
    for method, path in (
        ("GET", f"/api/v1/certificates/{made['certificate_id']}"),
        ("POST", f"/api/v1/certificates/{made['certificate_id']}/revoke"),
        ("DELETE", f"{AUTHORITIES}/{made['authority_id']}"),
        ("GET", f"{AUTHORITIES}/{made['authority_id']}/certificate"),
        ("GET", f"{AUTHORITIES}/{made['authority_id']}/crl"),
    ):
        assert bmw_site.ask(method, path, {} if method == "POST" else None, key=key).status_code == 404
    with inside("mercedes"):
        assert Certificate.objects.get().revoked_at is None
        assert Authority.objects.get().removed_at is None


def test_anybody_may_fetch_the_authority_its_list_and_a_status(mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", ISSUE, {"csr": pki.request()}, key=admin).json()
    root = x509.load_pem_x509_certificate(made["ca_certificate"].encode())
    at = f"{AUTHORITIES}/{made['authority_id']}"
    assert mercedes_site.ask("GET", f"{at}/certificate").content.decode() == made["ca_certificate"]
    assert not list(x509.load_der_x509_crl(mercedes_site.ask("GET", f"{at}/crl").content))
    path = f"/api/v1/certificates/{made['certificate_id']}/revoke"
    revoked = mercedes_site.ask("POST", path, {"reason": "key_compromise"}, key=admin).json()
    assert (revoked["status"], revoked["revocation_reason"]) == ("revoked", "key_compromise")
    answer = mercedes_site.ask("GET", f"{at}/crl")
    (entry,) = x509.load_der_x509_crl(answer.content)
    assert f"{entry.serial_number:x}" == made["serial_number"]
    assert answer["Content-Type"] == "application/pkix-crl"
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_pem_x509_certificate(made["certificate"].encode()), root, SHA256()
    )
    der = asked.build().public_bytes(Encoding.DER)
    by_post = mercedes_site.generic("POST", "/ocsp", der, content_type="application/ocsp-request")
    by_get = mercedes_site.get("/ocsp/" + quote(base64.b64encode(der).decode(), safe=""))
    for found in (by_post, by_get):
        assert found["Content-Type"] == "application/ocsp-response"
        status = ocsp.load_der_ocsp_response(found.content)
        assert status.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert status.revocation_reason is x509.ReasonFlags.key_compromise


@pytest.mark.parametrize("text", ["x", "%2F%2F", "ä", "A" * 5000])
def test_a_status_that_is_asked_for_in_nonsense(mercedes_site: sites.Site, db: None, text: str) -> None:
    found = ocsp.load_der_ocsp_response(mercedes_site.get(f"/ocsp/{text}").content)
    assert found.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_an_authority_of_ones_own_is_uploaded_listed_and_removed(mercedes_site: sites.Site, admin: str) -> None:
    root = pki.authority("Mercedes Root")
    sent = {"certificates": root.pem}
    answer = mercedes_site.ask("POST", AUTHORITIES, sent, key=admin)
    assert answer.status_code == 201
    (made,) = answer.json()["authorities"]
    assert (made["is_ours"], made["is_issuing"], made["subject"]) == (False, False, "CN=Mercedes Root")
    assert mercedes_site.ask("POST", AUTHORITIES, sent, key=admin).json()["code"] == "authority_known"
    at = f"{AUTHORITIES}/{made['authority_id']}"
    crl = x509.load_der_x509_crl(pki.revocation_list(root, [4711])).public_bytes(Encoding.PEM).decode()
    taken = mercedes_site.ask("POST", f"{at}/revocations", {"crl": crl}, key=admin)
    assert (taken.status_code, taken.json()["crl_issued_at"] is None) == (200, False)
    assert mercedes_site.ask("GET", f"{at}/crl").status_code == 404
    assert mercedes_site.ask("DELETE", at, key=admin).status_code == 200
    assert mercedes_site.ask("GET", AUTHORITIES, key=admin).json()["data"] == []


def test_ours_is_rotated(mercedes_site: sites.Site, admin: str) -> None:
    first = mercedes_site.ask("POST", ISSUE, {"csr": pki.request()}, key=admin).json()["authority_id"]
    second = mercedes_site.ask("POST", f"{AUTHORITIES}/rotate", {}, key=admin).json()["authority_id"]
    listed = mercedes_site.ask("GET", AUTHORITIES, key=admin).json()["data"]
    assert [(one["authority_id"], one["is_issuing"]) for one in listed] == [(second, True), (first, False)]


def test_a_key_is_bound_to_names_as_they_are_compared(mercedes_site: sites.Site, admin: str) -> None:
    wanted = {"app_name": "ws", "client_cert_names": ["uri:SPIFFE://Mercedes.com/Build", "dns:WS-042.mercedes.com"]}
    assert mercedes_site.ask("POST", "/api/v1/keys/generate", wanted, key=admin).status_code == 201
    (key,) = mercedes_site.ask("GET", "/api/v1/keys", key=admin).json()["data"]
    assert key["client_cert_names"] == ["URI:spiffe://mercedes.com/Build", "DNS:ws-042.mercedes.com"]
    wrong = mercedes_site.ask("POST", "/api/v1/keys/generate", wanted | {"client_cert_names": ["ws-042"]}, key=admin)
    assert wrong.json()["errors"][0]["field"].startswith("client_cert_names")
