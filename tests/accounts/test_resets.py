"""A forgotten password: the link comes by mail, works once, and whoever asks learns nothing from it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts import passwords, people, resets
from accounts.models import PasswordReset, Role, Session, User
from accounts.refusals import ResetExpired, ResetUnknown, ResetUsed
from audit.delivery import deliver_due
from audit.models import AuditEntry
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import InvalidInput, Refusal
from cloudlicenses.wiring import LISTENERS
from tenants.context import inside
from tests import builders, cast, sites
from tests.accounts.conftest import Pass, PostOffice

ANNA = "anna@mercedes-benz.com"
NEW = "quite another long sentence"


@pytest.fixture
def anna(inside_mercedes: object) -> User:
    return builders.person(ANNA)


def secret_for(email: str = ANNA, asked_in: str = "evt-1") -> str:
    reset = resets.open_for(email, asked_in=asked_in)
    assert reset is not None
    return resets.link_of(reset).rpartition("/")[2]


def test_the_link_sets_another_password_once(anna: User) -> None:
    secret = secret_for()
    assert resets.find(secret).user == anna
    resets.use(secret, NEW, actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).check_password(NEW)
    with pytest.raises(ResetUsed):
        resets.use(secret, "yet another long sentence", actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).check_password(NEW)
    assert AuditEntry.objects.filter(event="user.password_reset").count() == 1


def test_it_is_of_the_tenants_own_host(anna: User) -> None:
    reset = resets.open_for(ANNA, asked_in="evt-1")
    assert resets.link_of(reset).startswith("http://mercedes.localhost:8000/resets/")
    assert reset.secret_hash not in resets.link_of(reset)


def test_it_ends_after_an_hour_and_when_a_newer_one_is_asked_for(anna: User, let_pass: Pass) -> None:
    first = secret_for()
    second = secret_for(asked_in="evt-2")
    with pytest.raises(ResetExpired):
        resets.find(first)
    assert resets.find(second)
    let_pass(timedelta(minutes=61))
    with pytest.raises(ResetExpired):
        resets.use(second, NEW, actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).check_password(cast.PASSWORD)


def test_the_same_event_heard_twice_gives_the_same_link(anna: User) -> None:
    assert secret_for() == secret_for()
    assert PasswordReset.objects.count() == 1


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "\0"])
def test_a_link_to_nothing(anna: User, secret: str) -> None:
    secret_for()
    with pytest.raises(ResetUnknown):
        resets.find(secret)


@pytest.mark.parametrize(
    "weak", ["", "short", "password1234", "anna mercedes benz", "aaaaaaaaaaaaaaaa", "qwertyuiopasdf"]
)
def test_a_weak_password_leaves_all_as_it_was(anna: User, weak: str) -> None:
    secret = secret_for()
    with pytest.raises(InvalidInput):
        resets.use(secret, weak, actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).check_password(cast.PASSWORD)
    assert resets.find(secret)


def test_nobody_gets_a_link_who_has_not_accepted_or_was_deactivated(anna: User) -> None:
    User.objects.update(is_active=False)
    assert resets.open_for(ANNA, asked_in="evt-1") is None
    User.objects.update(is_active=True, password="")
    assert resets.open_for(ANNA, asked_in="evt-2") is None


def test_using_it_signs_every_browser_out(anna: User, mercedes_site: sites.Site) -> None:
    mercedes_site.force_login(anna)
    assert mercedes_site.get("/").status_code == 200
    resets.use(secret_for(), NEW, actor=SYSTEM)
    assert not Session.objects.filter(user=anna).exists()
    assert mercedes_site.get("/").status_code == 302


def test_asking_is_the_same_work_and_the_same_answer_for_everybody(db: None, mercedes_site: sites.Site) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
    answers, work = [], []
    mercedes_site.get("/forgotten-password")
    for email in (ANNA, "nobody@mercedes-benz.com"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(mercedes_site.post("/forgotten-password", {"email": email}))
        work.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries])
    known, unknown = (
        answer.content.decode().replace(ANNA, "*").replace("nobody@mercedes-benz.com", "*") for answer in answers
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", known) == token.sub("", unknown)
    assert len(work[0]) == len(work[1])
    assert not any("accounts_user" in statement for statement in work[0] + work[1])


def test_the_letter_comes_to_whom_it_belongs(
    committed: None, post_office: PostOffice, mercedes_site: sites.Site
) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
    for email in (ANNA, "nobody@mercedes-benz.com"):
        mercedes_site.post("/forgotten-password", {"email": email})
    deliver_due(LISTENERS, inside=inside)
    (letter,) = post_office.letters
    assert letter["To"] == ANNA
    texts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    (path,) = {
        match for text in texts for match in re.findall(r"http://mercedes\.localhost:8000(/resets/[\w-]+)", text)
    }
    assert mercedes_site.get(path).status_code == 200
    answer = mercedes_site.post(path, {"password": NEW, "again": NEW})
    assert answer.headers["Location"] == "/login"
    assert mercedes_site.get("/").status_code == 302  # the mailbox alone lets nobody in
    assert mercedes_site.post("/login", {"email": ANNA, "password": NEW}).status_code == 302


def test_of_two_who_use_one_link_one_succeeds(committed: None) -> None:
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
        secret = secret_for()
    barrier, outcomes = threading.Barrier(2), list[str]()

    def use(password: str) -> None:
        barrier.wait()
        try:
            with inside(cast.MERCEDES.id):
                resets.use(secret, password, actor=SYSTEM)
            outcomes.append("changed")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        connections.close_all()

    threads = [threading.Thread(target=use, args=(text,)) for text in (NEW, "a wholly different sentence")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "reset_used"]


def test_a_sellers_link_leads_to_the_vendors_host(db: None) -> None:
    builders.person("sales@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    reset = resets.open_for("sales@vector.example", asked_in="evt-1")
    assert resets.link_of(reset).startswith("http://vendors.localhost:8000/resets/")


def test_a_link_ends_when_the_password_is_changed_meanwhile(anna: User) -> None:
    secret = secret_for()
    passwords.change(anna, cast.PASSWORD, NEW, actor=SYSTEM, session_key=None)
    with pytest.raises(ResetExpired):
        resets.use(secret, "a wholly different sentence", actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).check_password(NEW)


def test_a_link_from_before_a_deactivation_is_no_way_back(anna: User) -> None:
    builders.person("olga@mercedes-benz.com")
    secret = secret_for()
    people.deactivate(str(anna.pk), actor=SYSTEM)
    people.reactivate(str(anna.pk), actor=SYSTEM)
    with pytest.raises(ResetExpired):
        resets.use(secret, NEW, actor=SYSTEM)
