"""The pages of certificates by axe's rules, empty and full, and the questions that they ask."""

from __future__ import annotations

from cryptography import x509

from certificates import authorities, issuing, uploading
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit
from tests.browser.test_accessibility import check
from tests.certificates import pki

ACTOR = builders.actor()


def furnish() -> tuple[str, str]:
    """A certificate's id, and that of an authority of Mercedes' own."""
    names = (
        x509.DNSName("ws-042.mercedes.com"),
        x509.UniformResourceIdentifier("spiffe://mercedes.com/powertrain/build"),
    )
    with context.inside(cast.MERCEDES.id):
        kept = issuing.issue(ACTOR, pki.request("ws-042.mercedes.com", also=names))
        lost = issuing.issue(ACTOR, pki.request("ws-041.mercedes.com"))
        issuing.revoke(ACTOR, lost.id, reason="key_compromise")
        authorities.rotate(ACTOR)
        (own,) = uploading.upload(ACTOR, pki.authority("Mercedes-Benz Group Root CA G4").pem)
    return kept.id, own.id


def test_pages_of_certificates(visit: Visit) -> None:
    with context.inside(cast.MERCEDES.id):
        builders.person("anna@mercedes-benz.com")
    customer = visit()
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    check(customer.open("/certificates", host=cast.MERCEDES.id))
    certificate, own = furnish()
    for path in (
        "", "?state=expired", "/issue", f"/{certificate}", f"/{certificate}/revoke", "/authorities/upload", "/authorities/rotate",
        f"/authorities/{own}/remove", f"/authorities/{own}/revocations",
    ):  # fmt: skip
        check(customer.open(f"/certificates{path}", host=cast.MERCEDES.id))
    check(customer.open(f"/keys/generate?certificate={certificate}", host=cast.MERCEDES.id))


def test_a_certificate_is_issued_and_revoked_without_scripts(visit: Visit) -> None:
    with context.inside(cast.MERCEDES.id):
        builders.person("anna@mercedes-benz.com")
    customer = visit(scripts=False)
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    page = customer.open("/certificates/issue", host=cast.MERCEDES.id)
    page.get_by_label("Certificate signing request").fill(pki.request("ws-042"))
    page.get_by_role("button", name="Issue the certificate").click()
    page.get_by_role("heading", name="ws-042").wait_for()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_label("Why?").select_option("key_compromise")
    page.get_by_role("button", name="Revoke it").click()
    page.get_by_text("The certificate is revoked").wait_for()
