"""A vendor's stream: its people hear that something of theirs changed, of which kind, and nothing else; nobody hears of others'."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from pytest_django import Settings

from accounts.models import Role, Session, User
from billing.webhooks import deliveries, endpoints, sending
from cloudlicenses.kit import clock
from cloudlicenses.local import valkey
from licensing.streams.changes import KINDS
from licensing.streams.listening import SEEN_AT_VENDORS
from tenants.context import acting_for, inside, platform
from tests import builders, cast, servers, sites
from tests.servers import Server
from tests.streams.listeners import Listener
from torture.keeping import Keeper, keeping
from vendors import customers, projection
from vendors.models import Vendor
from vendors.terms import Customer

VECTOR, GREENHILLS, MERCEDES = cast.VECTOR.id, cast.GREENHILLS.id, cast.MERCEDES.id
Follow = Callable[..., Listener]


def cookie_of(vendor_id: str = VECTOR, role: Role = Role.VENDOR_OWNER) -> str:
    """The session of one of the vendor's people."""
    with platform():
        site, email = sites.vendors(), f"{role}@{vendor_id}.example"
        known = User.objects.filter(email=email).first()
        site.force_login(
            known or builders.person(email, role=role, vendor_id=vendor_id),
            backend=django_settings.AUTHENTICATION_BACKENDS[0],
        )
        return f"{django_settings.SESSION_COOKIE_NAME}={site.cookies[django_settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def follow(server: Server) -> Follow:
    """`with follow() as heard:` as Vector's owner; anything else as `Listener` takes it."""

    def begin(**facts: Any) -> Listener:
        usual = {"server": server, "label": "vendors", "path": "/live", "cookie": facts.get("cookie") or cookie_of()}
        return Listener(**usual | facts)

    return begin


def link(vendor_id: str = VECTOR, account: str = "ACC-7") -> None:
    with acting_for(vendor_id):
        customers.link(builders.actor(), vendor_id, Customer(account, "Mercedes-Benz AG", MERCEDES))


def listen_for_all(vendor_id: str) -> None:
    with acting_for(vendor_id):
        endpoints.add(vendor_id, url="https://example.com/", listens_to=["*"], actor=builders.actor())


def kinds(heard: Listener) -> list[str]:
    return [event.kind for event in heard.events]


def test_a_vendor_hears_the_kind_and_nothing_more_and_another_nothing(follow: Follow):
    with follow() as heard, follow(cookie=cookie_of(GREENHILLS)) as other:
        link()
        heard.wait_for(lambda events: bool(events))
        link(GREENHILLS)
        other.wait_for(lambda events: bool(events))
        listen_for_all(VECTOR)  # what was told before would have come before
        listen_for_all(GREENHILLS)
        heard.wait_for(lambda _: "webhook" in kinds(heard))
        other.wait_for(lambda _: "webhook" in kinds(other))
    assert [(event.kind, event.data) for event in heard.events] == [("customer", {}), ("webhook", {})]
    assert kinds(other) == ["customer", "webhook"]
    assert heard.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "x-stream-grant" not in heard.headers
    assert VECTOR not in other.last_id


def test_what_was_rolled_back_is_never_told(follow: Follow):
    with follow() as heard:
        with transaction.atomic():
            link()
            transaction.set_rollback(True)
        builders.account(VECTOR)
        listen_for_all(VECTOR)
        heard.wait_for(lambda events: bool(events))
    assert kinds(heard) == ["webhook"]


def test_whoever_comes_back_hears_what_changed_meanwhile_and_only_that(follow: Follow, server: Server):
    link()
    with follow() as first:
        pass
    with follow(last_id=first.last_id) as unchanged:
        pass
    link(account="ACC-8")
    with follow(last_id=first.last_id) as again, servers.running() as another:
        again.wait_for(lambda events: bool(events))
        with follow(server=another, query=f"?last_event_id={first.last_id}") as elsewhere:
            elsewhere.wait_for(lambda events: bool(events))
    assert kinds(unchanged) == []
    assert kinds(again) == kinds(elsewhere) == ["customer"]


def test_a_page_hears_what_changed_since_it_was_rendered(follow: Follow):
    rendered = time.time()
    link()
    with follow(query=f"?since={rendered:.0f}") as heard:
        heard.wait_for(lambda events: bool(events))
    with follow(query=f"?since={rendered - 600:.0f}") as stale, follow(last_id="107-101.103_105") as strange:
        stale.wait_for(lambda events: len(events) == len(KINDS))
        strange.wait_for(lambda events: len(events) == len(KINDS))
    assert kinds(heard) == ["customer"]
    assert kinds(stale) == kinds(strange) == list(KINDS)


def test_nobody_is_told_of_what_they_may_not_see(follow: Follow):
    with follow(cookie=cookie_of(role=Role.VENDOR_VIEWER)) as viewer, follow() as owner:
        listen_for_all(VECTOR)
        owner.wait_for(lambda events: bool(events))
        link()
        viewer.wait_for(lambda events: bool(events))
    assert kinds(viewer) == ["customer"]
    hidden = {kind for kind, right in SEEN_AT_VENDORS.items() if right != "contracts:read"}
    assert not {kind for kind in hidden if kind in viewer.last_id}


def test_use_is_told_when_it_is_projected_to_the_vendor_whose_it_is(follow: Follow):
    with inside(MERCEDES):
        builders.leased(builders.granted("lic-1"))
    with follow() as heard, follow(cookie=cookie_of(GREENHILLS)) as other:
        projection.project_due()
        heard.wait_for(lambda events: bool(events))
        projection.project_due()  # nothing new
        link(GREENHILLS)
        other.wait_for(lambda events: bool(events))
    assert kinds(heard) == ["usage"]
    assert kinds(other) == ["customer"]


def test_a_delivery_is_told_when_it_is_on_its_way_and_when_it_was_tried(follow: Follow, settings: Settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with acting_for(VECTOR):
        endpoints.add(VECTOR, url="https://127.0.0.1:1/", listens_to=["*"], actor=builders.actor())
    with follow() as heard:
        assert (
            deliveries.announce("license.renewed", vendor_id=VECTOR, message_id="msg-1", at=clock.now(), data={}) == 1
        )
        heard.wait_for(lambda events: len(events) == 1)
        assert sending.send_due(rounds=1) == 1
        heard.wait_for(lambda events: len(events) == 2)
    assert kinds(heard) == ["delivery", "delivery"]


def test_strangers_are_sent_to_sign_in_and_other_hosts_have_no_such_page(follow: Follow, server: Server):
    with follow(cookie="sessionid=none") as stranger:
        assert (stranger.status, stranger.headers["location"]) == (302, "/login?next=%2Flive")
    with follow(label=MERCEDES) as at_tenant:
        assert at_tenant.status == 404
    with follow() as heard:
        assert heard.status == 200
    from_elsewhere = server.ask("GET", "/live", label="vendors", cookie=cookie_of(), sec_fetch_site="same-site")
    assert from_elsewhere.status_code == 403


def test_whoever_is_signed_out_or_gets_another_role_is_cut_off(follow: Follow):
    with (
        follow(cookie=cookie_of(role=Role.SALES)) as gone,
        follow(cookie=cookie_of(role=Role.VENDOR_FINANCE)) as changed,
        follow() as stays,
    ):
        with platform():
            Session.objects.filter(user__role=Role.SALES).delete()
            User.objects.filter(role=Role.VENDOR_FINANCE).update(role=Role.VENDOR_VIEWER)
        gone.wait_until_closed()
        changed.wait_until_closed()
        Vendor.objects.filter(pk=VECTOR).update(status=Vendor.Status.SUSPENDED)
        time.sleep(6)  # longer than between two looks at who may listen: a suspended vendor's people may look
        assert not stays.is_closed


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    with keeping(tmp_path / "logs") as kept:
        yield kept


def test_without_valkey_there_is_no_stream_and_afterwards_all_may_have_changed(
    follow: Follow, keeper: Keeper, tmp_path: Path
):
    cache = valkey.prepare(tmp_path / "valkey", is_lasting=False)
    keeper.start(cache.part)
    with servers.running(REDIS_URL=cache.url) as ours:
        with follow(server=ours) as heard, keeper.without("valkey"):
            heard.wait_until_closed()
            with follow(server=ours) as refused:
                assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert kinds(heard) == ["reset"]
        keeper.await_ready("valkey")
        for _ in range(600):  # until the server has noticed, too, everybody is turned away
            with follow(server=ours, last_id=heard.last_id) as again:
                if again.status == 200:
                    again.wait_for(lambda events: len(events) == len(KINDS))
                    return
            time.sleep(0.1)
    pytest.fail("Everybody is still turned away.")
