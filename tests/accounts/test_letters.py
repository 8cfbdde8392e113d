"""The invitation by mail, from the outbox to a real SMTP server: its link works, once, however often sending had to be tried."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from pytest_django.fixtures import Settings

from accounts import invitations
from accounts.models import Invitation, Role, User
from audit import delivery
from audit.outbox.models import OutboxEntry
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.wiring import LISTENERS
from tenants.context import inside
from tests.accounts.conftest import Pass, PostOffice

pytestmark = pytest.mark.usefixtures("committed")
LINK = re.compile(r"http://(\S+)/invitations/([\w-]{43})")


def invite(email: str = "alice@mercedes.example", name: str = "Alice Adler") -> Invitation:
    with inside("mercedes"):
        return invitations.invite(email=email, name=name, role=Role.LICENSE_ADMIN, actor=SYSTEM)


def deliver() -> int:
    return delivery.deliver_due(LISTENERS, inside=inside)


def said(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def link_in(text: str) -> tuple[str, str]:
    host, secret = LINK.findall(text)[0]
    return host, secret


def test_the_letter_says_who_is_invited_where_and_how(post_office: PostOffice) -> None:
    invite()
    deliver()
    (letter,) = post_office.letters
    assert letter["To"] == "alice@mercedes.example"
    assert letter["Subject"] == "Your access to Mercedes-Benz AG on CloudLicenses"
    assert letter["From"] == "CloudLicenses <no-reply@localhost>"
    text, html = said(letter), said(letter, "html")
    assert "Hello Alice Adler" in text
    assert link_in(text) == link_in(html)
    assert link_in(text)[0] == "mercedes.localhost:8000"
    assert "https://" not in html.replace("https://mercedes", "")  # nothing is loaded from anywhere


def test_the_link_sets_a_password_once(post_office: PostOffice) -> None:
    invite()
    deliver()
    _, secret = link_in(said(post_office.letters[0]))
    with inside("mercedes"):
        user = invitations.accept(secret, "correct horse battery staple")
        assert User.objects.get(pk=user.pk).check_password("correct horse battery staple")


def test_a_letter_tried_again_is_the_same_letter(post_office: PostOffice, let_pass: Pass) -> None:
    post_office.refusals = 1
    invite()
    deliver()
    assert post_office.letters == []
    assert "451" in OutboxEntry.objects.get().last_problem
    let_pass(timedelta(seconds=3))
    deliver()
    OutboxEntry.objects.update(done_at=None)  # as if the worker had died between sending and writing it down
    OutboxEntry.objects.get().delivered.all().delete()
    let_pass(timedelta(minutes=2))
    deliver()
    first, second = post_office.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert said(first) == said(second)


def test_nobody_listens_and_nothing_is_lost(settings: Settings, post_office: PostOffice, let_pass: Pass) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    invite()
    assert deliver() == 1
    settings.EMAIL_PORT = port
    let_pass(timedelta(seconds=3))
    assert deliver() == 1
    assert len(post_office.letters) == 1


def test_a_replaced_invitation_is_not_sent_any_more(post_office: PostOffice) -> None:
    invite()
    invite()
    assert deliver() == 2
    (letter,) = post_office.letters
    _, secret = link_in(said(letter))
    with inside("mercedes"):
        assert invitations.find(secret) == Invitation.objects.latest("pk")


def test_a_name_cannot_write_headers_or_markup(post_office: PostOffice) -> None:
    invite(name="<b>Alice</b>\r\nBcc: mallory@evil.example")
    deliver()
    (letter,) = post_office.letters
    assert letter["Bcc"] is None
    assert "&lt;b&gt;Alice&lt;/b&gt;" in said(letter, "html")


def test_staff_of_vendors_and_operators_get_links_to_their_own_hosts(post_office: PostOffice) -> None:
    invitations.invite(email="sales@vector.example", role=Role.SALES, vendor_id="vector-de", actor=SYSTEM)
    invitations.invite(email="olga@operator.example", role=Role.OPERATOR, actor=SYSTEM)
    deliver()
    hosts = [link_in(said(letter))[0] for letter in post_office.letters]
    assert hosts == ["vendors.localhost:8000", "localhost:8000"]


def test_an_invitation_is_in_the_language_of_who_gets_it(post_office: PostOffice) -> None:
    invitation = invite()
    with inside("mercedes"):
        User.objects.filter(pk=invitation.user_id).update(language="de")
    deliver()
    (letter,) = post_office.letters
    assert letter["Subject"] == "Ihr Zugang zu Mercedes-Benz AG bei CloudLicenses"
    text, html = said(letter), said(letter, "html")
    assert "Guten Tag Alice Adler" in text
    assert '<html lang="de">' in html
    for english in ("Hello", "You will sign in", "The link works", "Choose a password", "Sent by"):
        assert english not in text + html
