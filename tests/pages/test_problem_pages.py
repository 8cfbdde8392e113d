"""What people read when something can't be done: why, what to do about it, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import invitations, links
from accounts.models import Invitation, Role
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import Busy
from tenants import context
from tests import builders, cast, sites

Enter = Callable[[Role], sites.Site]


def test_who_may_not_reads_as_whom_they_are_signed_in(at_mercedes: Enter):
    answer = at_mercedes(Role.VIEWER).get("/costs")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Your role does not include this" in page
    assert "You are signed in as viewer@mercedes-benz.com (Viewer)." in page
    assert "Try again" not in page


def test_operators_are_led_back_to_their_own_pages(operator: sites.Site):
    page = operator.get("/operator/no-such-page").content.decode()
    assert 'href="/operator/"' in page
    assert 'href="/"' not in page.split("<main")[1]
    assert 'href="/"' in operator.get("/no-such-page").content.decode().split("<main")[1]


@pytest.mark.parametrize("error", [Busy("The database is away."), RuntimeError("a defect")])
def test_what_passes_by_itself_is_tried_again_where_it_was(
    error: Exception, owner: sites.Site, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("insight.pages.usage.usage.usage_of", fail)
    owner.raise_request_exception = False
    page = owner.get("/usage?days=90").content.decode()
    assert 'href="/usage?days=90"' in page
    assert "Try again" in page


def test_an_address_for_forms_that_is_opened_says_so(owner: sites.Site):
    """A browser would show a page of its own for an empty answer."""
    answer = owner.get("/applications/decide")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "This address takes forms from our own pages only." in answer.content.decode()


def test_a_form_is_not_sent_again_by_a_link(owner: sites.Site):
    answer = owner.post("/usage", {"days": "90"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "Try again" not in answer.content.decode()


def test_a_reset_that_leads_nowhere_leads_to_a_new_one(mercedes_site: sites.Site, db: None):
    page = mercedes_site.get("/resets/old").content.decode()
    assert 'href="/forgotten-password"' in page
    assert "The address may be mistyped" not in page


def test_an_invitation_that_was_used_leads_to_signing_in(mercedes_site: sites.Site, db: None):
    with context.inside(cast.MERCEDES.id):
        invitation = invitations.invite(email="new@mercedes-benz.com", role=Role.VIEWER, actor=builders.actor())
        secret = links.open_secret_of(invitation, invitations.PURPOSE, invitation.user_id)
        Invitation.objects.update(used_at=clock.now())
    page = mercedes_site.get(f"/invitations/{secret}").content.decode()
    assert "This invitation has been used" in page
    assert 'href="/login"' in page
    assert "Things have changed" not in page
