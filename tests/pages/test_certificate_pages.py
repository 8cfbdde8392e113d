"""Certificates by hand: the commands on the page make a request, the request a certificate, the certificate a bound key."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.models import Role
from certificates import issuing, uploading
from certificates.models import Authority, Certificate
from keys.models import ApiKey
from tenants import context
from tests import builders, cast, sites
from tests.certificates import pki
from tests.pages.conftest import Enter

ACTOR = builders.actor()


def issued(csr: str = "") -> Certificate:
    with context.inside(cast.MERCEDES.id):
        return issuing.issue(ACTOR, csr or pki.request("ws-042.mercedes.com"))


def commands(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<pre id="lines-\w+">(.*?)</pre>', page, re.DOTALL)]


@pytest.mark.parametrize(
    ("which", "names"), [(0, ["DNS:ws-042.mercedes.example"]), (1, ["URI:spiffe://mercedes.example/build"])]
)
def test_the_commands_on_the_page_make_a_request_that_is_signed(
    owner: sites.Site, tmp_path: Path, which: int, names: list[str]
) -> None:
    command = commands(owner.get("/certificates/issue").content.decode())[which]
    made = subprocess.run(
        [shutil.which("bash") or "bash", "-ec", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    answer = owner.post("/certificates/issue", {"csr": made.stdout, "days": "90", "request_key": "form-1"})
    assert answer.status_code == 302
    again = owner.post("/certificates/issue", {"csr": made.stdout, "days": "90", "request_key": "form-1"})
    assert answer["Location"] == again["Location"]
    with context.inside(cast.MERCEDES.id):
        certificate = Certificate.objects.get()
    assert certificate.names == names
    page = owner.get(answer["Location"]).content.decode()
    assert certificate.pem in page
    chain = owner.get(f"{answer['Location']}/file").content
    assert len(x509.load_pem_x509_certificates(chain)) == 2


def test_a_bad_request_comes_back_to_its_field(owner: sites.Site) -> None:
    answer = owner.post(
        "/certificates/issue",
        {"csr": pki.request("*" * 64, also=(x509.DNSName("*.a.de"),)), "days": "90", "request_key": "f"},
    )
    assert answer.status_code == 422
    assert "This name can&#x27;t be had" in answer.content.decode()
    with context.inside(cast.MERCEDES.id):
        assert not Certificate.objects.exists()


def test_a_certificate_is_found_and_revoked_with_a_reason(owner: sites.Site) -> None:
    certificate = issued()
    for query in ("", "?q=WS-042", f"?q={certificate.serial}", "?state=valid", "?sort=name", "?sort=-ends"):
        assert f"/certificates/{certificate.pk}" in owner.get(f"/certificates{query}").content.decode()
    assert f"/certificates/{certificate.pk}" not in owner.get("/certificates?state=revoked").content.decode()
    path = f"/certificates/{certificate.pk}/revoke"
    assert "Revoke this certificate?" in owner.get(path).content.decode()
    assert owner.post(path, {"reason": "nonsense"}).status_code == 422
    assert owner.post(path, {"reason": "key_compromise"}).status_code == 302
    with context.inside(cast.MERCEDES.id):
        assert Certificate.objects.get().revocation_reason == "key_compromise"
    assert f"/certificates/{certificate.pk}" in owner.get("/certificates?state=revoked").content.decode()


def test_a_key_is_bound_to_the_certificate_one_comes_from(owner: sites.Site) -> None:
    certificate = issued(pki.request("ws-042", also=(x509.DNSName("ws-042.mercedes.com"),)))
    page = owner.get(f"/keys/generate?certificate={certificate.pk}").content.decode()
    assert 'value="ws-042"' in page
    assert "DNS:ws-042.mercedes.com</textarea>" in page
    form = {
        "app_name": "ws-042", "app_type": "desktop", "expires_in_days": "365", "request_key": "f", "scopes": ["license:checkout"],
        "require_mtls": "on", "client_cert_cn": "ws-042", "client_cert_names": "dns:WS-042.mercedes.com",
    }  # fmt: skip
    assert owner.post("/keys/generate", form).status_code == 201
    with context.inside(cast.MERCEDES.id):
        key = ApiKey.objects.get()
    assert (key.require_mtls, key.client_cert_cn, key.client_cert_names) == (
        True,
        "ws-042",
        ["DNS:ws-042.mercedes.com"],
    )
    assert "DNS:ws-042.mercedes.com" in owner.get(f"/keys/{key.pk}").content.decode()
    wrong = owner.post(f"/keys/{key.pk}/restrictions", {"client_cert_names": "ws-042"})
    assert wrong.status_code == 422
    assert owner.post(f"/keys/{key.pk}/restrictions", {"allowed_hostnames": "ws-042"}).status_code == 302
    with context.inside(cast.MERCEDES.id):
        key.refresh_from_db()
    assert (key.require_mtls, key.client_cert_cn, key.client_cert_names) == (False, "", [])


def test_an_authority_is_uploaded_told_what_it_revoked_and_removed(owner: sites.Site) -> None:
    root = pki.authority("Mercedes Root")
    assert owner.post("/certificates/authorities/upload", {"certificates": root.key_pem.decode()}).status_code == 422
    assert owner.post("/certificates/authorities/upload", {"certificates": root.pem}).status_code == 302
    with context.inside(cast.MERCEDES.id):
        row = Authority.objects.get()
    assert "CN=Mercedes Root" in owner.get("/certificates").content.decode()
    crl = x509.load_der_x509_crl(pki.revocation_list(root, [7])).public_bytes(Encoding.PEM).decode()
    path = f"/certificates/authorities/{row.pk}"
    assert owner.get(f"{path}/revocations").status_code == 200
    assert owner.post(f"{path}/revocations", {"crl": "x"}).status_code == 422
    assert owner.post(f"{path}/revocations", {"crl": crl}).status_code == 302
    assert "refused within a second" in owner.get(f"{path}/remove").content.decode()
    assert owner.post(f"{path}/remove").status_code == 302
    with context.inside(cast.MERCEDES.id):
        row.refresh_from_db()
    assert (row.revoked_serials, row.removed_at is None) == (["7"], False)


def test_ours_is_replaced_and_has_no_list_to_upload(owner: sites.Site) -> None:
    certificate = issued()
    assert owner.get("/certificates/authorities/rotate").status_code == 200
    assert owner.post("/certificates/authorities/rotate").status_code == 302
    page = owner.get("/certificates").content.decode()
    assert "made here; issues" in page
    assert "made here; replaced" in page
    assert owner.get(f"/certificates/authorities/{certificate.authority_id}/revocations").status_code == 404


def test_who_may_only_look_sees_no_button(at_mercedes: Enter) -> None:
    certificate = issued()
    viewer = at_mercedes(Role.VIEWER)
    page = viewer.get("/certificates").content.decode()
    assert "ws-042.mercedes.com" in page
    assert "/certificates/issue" not in page
    assert "/revoke" not in viewer.get(f"/certificates/{certificate.pk}").content.decode()


def test_only_uploaded_authorities_are_told_apart(owner: sites.Site) -> None:
    with context.inside(cast.MERCEDES.id):
        uploading.upload(ACTOR, pki.authority("Mercedes Root").pem)
    page = owner.get("/certificates").content.decode()
    assert "your own" in page
    assert "No certificates yet" in page
