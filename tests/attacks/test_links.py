"""Links that work once: many threads over HTTP at one instant, and hosts that a forger would like to see in the mail."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts import invitations, resets
from accounts.models import PasswordReset, User
from audit.models import AuditEntry
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import inside
from tests import builders, cast
from tests.servers import Server

AT_ONCE = 8
NEW = "quite another long sentence"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def browser(server: Server) -> httpx.Client:
    return httpx.Client(
        base_url=server.url, headers={"Host": "mercedes.localhost"}, trust_env=False, timeout=60, follow_redirects=False
    )


def all_at_once(server: Server, path: str) -> list[int]:
    """So many browsers open the page, and send its form at one instant, each with a password of its own."""
    meeting = threading.Barrier(AT_ONCE, timeout=120)

    def use(number: int) -> int:
        with browser(server) as client:
            page = client.get(path)
            token = TOKEN.search(page.text)
            assert token, page.text[:500]
            said = {"password": f"{NEW} {number}", "again": f"{NEW} {number}", "csrfmiddlewaretoken": token[1]}
            # httpx keeps cookies by the address it connects to, so they come along
            meeting.wait()
            return client.post(path, data=said).status_code

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(use, range(AT_ONCE)))


@pytest.mark.parametrize("kind", ["resets", "invitations"])
def test_of_many_at_once_one_uses_a_link(server: Server, kind: str) -> None:
    with inside(cast.MERCEDES.id):
        if kind == "resets":
            made = resets.open_for(builders.person().email, asked_in="evt-1")
            assert made is not None
            link = resets.link_of(made)
        else:
            link = invitations.link_of(invitations.invite(email="new@mercedes-benz.com", role="viewer", actor=SYSTEM))
    answers = all_at_once(server, f"/{kind}/{link.rpartition('/')[2]}")
    assert sorted(answers).count(302) == 1, answers
    assert all(status in {302, 404, 409, 410} for status in answers), answers
    with inside(cast.MERCEDES.id):
        event = {"resets": "user.password_reset", "invitations": "invitation.accepted"}[kind]
        assert AuditEntry.objects.filter(event=event).count() == 1
        kept = User.objects.get().password  # by the server's own hasher, which is not the tests'
        assert sum(Argon2PasswordHasher().verify(f"{NEW} {number}", kept) for number in range(AT_ONCE)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Server": "evil.example", "X-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-Host": "evil.example", "X-Rewrite-URL": "https://evil.example/"},
        {"Origin": "http://mercedes.localhost", "Referer": "http://mercedes.localhost/"},
    ],
    ids=lambda headers: "+".join(headers),
)
def test_the_link_in_the_mail_leads_to_us_whatever_host_was_named(server: Server, headers: dict[str, str]) -> None:
    with inside(cast.MERCEDES.id):
        email = builders.person().email
    with browser(server) as client:
        token = TOKEN.search(client.get("/forgotten-password").text)
        assert token
        answer = client.post(
            "/forgotten-password", data={"email": email, "csrfmiddlewaretoken": token[1]}, headers=headers
        )
    assert answer.status_code == 200, answer.text[:500]
    with inside(cast.MERCEDES.id):
        asked = AuditEntry.objects.get(event="password_reset.asked")
        made = resets.open_for(email, asked_in=str(asked.pk))
        assert made is not None
        assert resets.link_of(made).startswith("http://mercedes.localhost:8000/resets/")


def test_a_reset_asked_at_a_host_that_is_not_ours_is_not_asked(server: Server) -> None:
    with inside(cast.MERCEDES.id):
        email = builders.person().email
    for host in ("evil.example", "mercedes.localhost.evil.example", "mercedes.localhost@evil.example"):
        answer = httpx.post(
            f"{server.url}/forgotten-password",
            data={"email": email},
            headers={"Host": host},
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code == 404
    with inside(cast.MERCEDES.id):
        assert not PasswordReset.objects.exists()
        assert not AuditEntry.objects.exists()
