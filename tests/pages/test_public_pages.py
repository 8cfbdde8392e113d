"""Front page, guides, problem codes, the mail sink: what needs no sign-in."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from pytest_django.fixtures import Settings

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.problem_types import concrete_refusals, problem_types
from cloudlicenses.web import docs
from tests import sites

LINK = re.compile(r'(?:href|src)="(/[^"#]*)[#"]')
HTML = '<p style="color: red">Hello</p><script>alert(1)</script><a href="http://mercedes.localhost:8000/x">in</a>'


def test_the_front_page_leads_to_sign_up_and_guides(apex: sites.Site, db: None):
    page = apex.get("/").content.decode()
    for target in ('href="/signup"', 'href="/docs/quick-start"', 'href="http://vendors.localhost:8000/login"'):
        assert target in page
    assert "/dev/mail" not in page


def test_every_guide_is_a_page_on_every_host(
    apex: sites.Site, vendor_site: sites.Site, mercedes_site: sites.Site, db: None
):
    assert docs.guides()
    for slug, guide in docs.guides().items():
        for site in (apex, vendor_site, mercedes_site):
            page = site.get(f"/docs/{slug}")
            assert page.status_code == 200, slug
            assert page.content.decode().count("<h1") == 1, slug
        assert guide.title


def test_links_between_guides_lead_to_guides(
    apex: sites.Site, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "decisions").mkdir()
    (tmp_path / "api.md").write_text(
        "# API\n\n[a](vendors.md#keys) [b](decisions/0001-x.md) [c](../README.md) [d](https://x.example/y.md)\n\n"
        "## Two words\n\n<script>alert(1)</script>\n\n```sh\nmake <run>\n```\n\n|a|b|\n|-|-|\n|1|2|\n"
    )
    (tmp_path / "decisions" / "0001-x.md").write_text("# X\n\n[back](../api.md)\n")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    page = apex.get("/docs/api").content.decode()
    for said in (
        'href="/docs/vendors#keys"', 'href="/docs/decisions/0001-x"', 'href="../README.md"', 'href="https://x.example/y.md"',
        'id="two-words"', "&lt;script&gt;alert", "make &lt;run&gt;", "<table>",
    ):  # fmt: skip
        assert said in page
    assert 'href="/docs/api"' in apex.get("/docs/decisions/0001-x").content.decode()


@pytest.mark.parametrize(
    "slug", ["nothing", "../manage", "decisions/../operations", "operations.md", "%2e%2e/pyproject"]
)
def test_what_is_no_guide_can_not_be_read(slug: str, apex: sites.Site, db: None):
    assert apex.get(f"/docs/{slug}").status_code == 404


def test_every_refusal_has_a_page_under_a_code_of_its_own(apex: sites.Site, db: None):
    types = problem_types()
    refusals = concrete_refusals(Refusal)
    assert {refusal.code for refusal in refusals} <= types.keys()
    listed = apex.get("/problems").content.decode()
    for code in types:
        assert apex.get(f"/problems/{code}").status_code == 200
        assert f'href="/problems/{code}"' in listed


def test_what_is_no_code_has_no_page(apex: sites.Site, db: None):
    assert apex.get("/problems/nothing-of-the-kind").status_code == 404


def test_a_problem_page_says_what_to_do_and_leads_on(apex: sites.Site, db: None):
    page = apex.get("/nothing", headers={"X-Request-ID": "req-mine"})
    assert page.status_code == 404
    text = page.content.decode()
    for said in ("There is nothing here.", "The address may be mistyped", "req-mine", "/problems/not_found"):
        assert said in text


def test_an_unknown_host_gets_the_same_page(db: None):
    assert b"There is nothing here." in sites.tenant("nobody").get("/").content


@pytest.fixture
def letter(settings: Settings, tmp_path: Path) -> str:
    """One message in the sink; its name."""
    settings.MAIL_SINK_DIR = str(tmp_path)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "Grüße",
        "CloudLicenses <no-reply@localhost>",
        "ada@acme.example",
    )
    message["Date"] = "Sun, 22 Nov 2026 04:00:00 +0000"
    message.set_content("Follow http://acme.localhost:8000/invitations/abc and <b>begin</b>.")
    message.add_alternative(HTML, subtype="html")
    (tmp_path / "20261122T040000.000001-0001.eml").write_bytes(b"X-RcptTo: ada@acme.example\r\n" + message.as_bytes())
    return "20261122T040000.000001-0001"


def test_mail_is_listed_and_its_links_can_be_followed(letter: str, apex: sites.Site, db: None):
    assert "Grüße" in apex.get("/dev/mail").content.decode()
    page = apex.get(f"/dev/mail/{letter}").content.decode()
    assert '<a href="http://acme.localhost:8000/invitations/abc"' in page
    assert "&lt;b&gt;begin&lt;/b&gt;" in page
    assert f'src="/dev/mail/{letter}/html"' in page


def test_a_messages_html_is_shown_in_a_sandbox(letter: str, apex: sites.Site, db: None):
    answer = apex.get(f"/dev/mail/{letter}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["nothing", "../x", "..", ".env"])
def test_only_messages_can_be_read(name: str, letter: str, apex: sites.Site, db: None):
    assert apex.get(f"/dev/mail/{name}").status_code == 404


def test_without_a_sink_there_is_no_such_page(apex: sites.Site, db: None, settings: Settings):
    settings.MAIL_SINK_DIR = ""
    for path in ("/dev/mail", "/dev/mail/20261122T040000.000001-0001", "/dev/mail/20261122T040000.000001-0001/html"):
        assert apex.get(path).status_code == 404


def test_the_mail_sink_is_on_the_apex_alone(letter: str, vendor_site: sites.Site, mercedes_site: sites.Site, db: None):
    assert vendor_site.get("/dev/mail").status_code == 404
    assert mercedes_site.get("/dev/mail").status_code == 404


def test_no_link_of_ours_leads_nowhere(apex: sites.Site, owner: sites.Site, operator: sites.Site, seller: sites.Site):
    starts = [
        (operator, "/operator/"),
        (operator, "/"),
        (seller, "/"),
        (owner, "/"),
        (owner, "/keys"),
        (owner, "/docs"),
    ]
    starts += [(apex, f"/docs/{slug}") for slug in docs.guides()]
    for site, start in starts:
        for target in set(LINK.findall(site.get(start).content.decode())):
            if target.startswith("/static/"):
                assert finders.find(target.removeprefix("/static/")), (start, target)
            else:
                assert site.get(target).status_code < 400, (start, target)


def test_no_guide_links_to_a_file_that_is_no_guide():
    """Beside them in the repository there may be one; the site has the guides alone."""
    for slug, guide in docs.guides().items():
        relative = re.findall(r'href="(?!/|#|https?:|mailto:)([^"]*)"', docs.html_of(guide))
        assert not relative, (slug, relative)


def test_pictures_in_guides_are_files_that_are_served(apex: sites.Site, db: None):
    """In few bytes: they are kept with the code, and a guide is a page like any other."""
    for slug, name in (("customers", "overview"), ("vendors", "vendor")):
        assert f'<img src="/static/guides/{name}.png" alt="The ' in apex.get(f"/docs/{slug}").content.decode()
        found = finders.find(f"guides/{name}.png")
        assert found
        assert 10_000 < Path(str(found)).stat().st_size < 100_000
