"""The link in a mail: looking changes nothing, pressing the button revokes once, and only the person it was sent to counts."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections

from accounts.models import Role, User
from alerts import revoking
from alerts.models import RevokeLink
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import Refusal
from keys.models import ApiKey
from tenants.context import inside
from tests import builders, sites
from tests.alerts.conftest import MERCEDES, THERE, happened, look, send


def path_in_mail() -> str:
    """Anna hears that her key was tried elsewhere."""
    with inside(MERCEDES):
        builders.person("anna@mercedes-benz.com", role=Role.LICENSE_ADMIN)
        builders.tenant_key(id="key-042", app_name="Workstation 042")
    happened("key.refused", code="wrong_tenant", key_id="key-042", ip=THERE)
    look()
    send()
    found = re.search(r"/alerts/revoke/[\w-]+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def is_revoked() -> bool:
    with inside(MERCEDES):
        return ApiKey.objects.get().revoked_at is not None


def test_a_mail_scanner_that_follows_the_link_changes_nothing(db: None, mercedes_site: sites.Site) -> None:
    path = path_in_mail()
    for method in ("GET", "HEAD", "GET"):
        answer = mercedes_site.generic(method, path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert (
            answer.headers["Referrer-Policy"] == "same-origin"
        )  # no less: browsers would then send the form from nowhere
    assert mercedes_site.generic("OPTIONS", path).status_code == 405
    assert not is_revoked()


def test_the_button_revokes_once_as_whom_it_was_sent_to(db: None, mercedes_site: sites.Site) -> None:
    path = path_in_mail()
    assert "Workstation 042" in mercedes_site.get(path).content.decode()
    assert "The key is revoked" in mercedes_site.post(path).content.decode()
    assert is_revoked()
    assert mercedes_site.post(path).status_code == 409
    assert mercedes_site.get(path).status_code == 409
    with inside(MERCEDES):
        [used] = AuditEntry.objects.filter(event="key.revoked")
        assert used.actor_label == "anna@mercedes-benz.com"
        assert AuditEntry.objects.filter(event="revoke_link.used").count() == 1


def test_another_host_knows_nothing_of_it(db: None, bmw_site: sites.Site) -> None:
    assert bmw_site.post(path_in_mail()).status_code == 404
    assert not is_revoked()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda: User.objects.update(is_active=False), 404),
        (lambda: User.objects.update(role=Role.VIEWER), 404),
        (lambda: RevokeLink.objects.update(expires_at=clock.now()), 409),
        (lambda: ApiKey.objects.update(revoked_at=clock.now() - timedelta(days=1)), 409),
    ],
    ids=["no longer here", "no longer allowed", "too late", "revoked already"],
)
def test_a_link_that_counts_no_more(db: None, mercedes_site: sites.Site, change, status: int) -> None:
    path = path_in_mail()
    with inside(MERCEDES):
        change()
        before = ApiKey.objects.get().revoked_at
    assert mercedes_site.post(path).status_code == status
    with inside(MERCEDES):
        assert ApiKey.objects.get().revoked_at == before


def test_a_form_of_another_site_can_not_press_it(db: None) -> None:
    path, browser = path_in_mail(), sites.strict(sites.tenant(MERCEDES).host)
    assert browser.post(path).status_code == 403
    assert not is_revoked()


def test_a_letter_that_is_tried_again_has_the_same_link(db: None) -> None:
    path = path_in_mail()
    with inside(MERCEDES):
        link = RevokeLink.objects.select_related("delivery__alert").get()
        again = revoking.link_for(link.delivery, link.delivery.alert, User.objects.get())
        assert again.endswith(path)
        assert path.rpartition("/")[2] not in str(list(RevokeLink.objects.values()))


def test_of_two_at_once_one_has_the_effect(committed: None) -> None:
    secret = path_in_mail().rpartition("/")[2]
    barrier, outcomes = threading.Barrier(2), list[str]()

    def press() -> None:
        barrier.wait()
        try:
            with inside(MERCEDES):
                revoking.use(secret, actor=SYSTEM)
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "revoke_link_used"]
    with inside(MERCEDES):
        assert AuditEntry.objects.filter(event="key.revoked").count() == 1
