"""The tenant's event stream, over real sockets: what is told, by whomever it happened."""

from __future__ import annotations

import dataclasses

from django.db import transaction

from licensing import grants, leases
from licensing.models import Lease, License
from tenants.context import inside
from tests import builders, cast
from tests.licensing.workstations import RETURN, Workstation
from tests.streams.conftest import Listen

MERCEDES = cast.MERCEDES.id


def terms_of(license_: License, **changed: object) -> grants.Terms:
    names = [field.name for field in dataclasses.fields(grants.Terms)]
    told = {name: getattr(license_, name) for name in names} | {"revision": license_.revision + 1}
    return grants.Terms(**told | changed)


def test_a_checkout_and_its_return_are_told_as_they_happen(workstation: Workstation, listen: Listen):
    with listen() as heard:
        lease = workstation.check_out(hostname="dev-ws-042.mercedes.com").json()
        workstation.post(RETURN, {"lease_id": lease["lease_id"]})
        checkout, returned = heard.wait_for(lambda events: len(events) == 2)
    assert heard.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert heard.headers["x-accel-buffering"] == "no"
    assert 1000 <= heard.retry <= 4000
    assert checkout.kind == "checkout"
    assert checkout.data == {
        "id": checkout.data["id"], "at": checkout.data["at"], "lease_id": lease["lease_id"], "license_id": "lic-1",
        "product_id": cast.DAVINCI.id, "user": "alice@mercedes.example", "hostname": "dev-ws-042.mercedes.com",
        "lease_type": "commit", "cost": 0.0, "currency": "EUR",
    }  # fmt: skip
    assert returned.kind == "return"
    assert (returned.data["lease_id"], returned.data["how"]) == (lease["lease_id"], "returned")


def test_a_refused_checkout_is_told_with_its_reason(workstation: Workstation, listen: Listen):
    with listen() as heard:
        workstation.check_out(features=["flexray"])
        heard.wait_for(lambda events: bool(events))
    (denial,) = heard.of("denial")
    assert denial["code"] == "feature_not_licensed"
    assert (denial["product_id"], denial["license_id"]) == (cast.DAVINCI.id, "lic-1")


def test_what_other_processes_do_is_told_too(workstation: Workstation, listen: Listen):
    """The test's own process takes back, sweeps and suspends, as Django's and the workers' do."""
    taken, lapsed = workstation.check_out().json()["lease_id"], workstation.check_out().json()["lease_id"]
    with listen() as heard, inside(MERCEDES):
        with transaction.atomic():
            leases.take_back(builders.actor(), taken)
        heard.wait_for(lambda _: bool(heard.of("return")))
        Lease.objects.filter(pk=lapsed).update(expires_at="2026-01-01T00:00:00Z")
        with transaction.atomic():
            leases.sweep()
        heard.wait_for(lambda _: bool(heard.of("expire")))
        grants.suspend(builders.actor(), terms_of(License.objects.get()))
        heard.wait_for(lambda _: bool(heard.of("license")))
    assert [event["how"] for event in heard.of("return")] == ["taken_back"]
    assert [event["lease_id"] for event in heard.of("expire")] == [lapsed]
    assert [event["change"] for event in heard.of("license")] == ["suspended"]


def test_a_page_follows_in_brief_without_a_word_of_who(workstation: Workstation, listen: Listen):
    with listen(query="?brief=true") as heard:
        for _ in range(5):
            workstation.check_out(hostname="dev-ws-042.mercedes.com")
        heard.wait_for(lambda _: sum(event["count"] for event in heard.of("checkout")) == 5)
    assert {frozenset(event.data) for event in heard.events} == {frozenset({"license_id", "count"})}
    assert {event.data["license_id"] for event in heard.events} == {"lic-1"}


def test_what_was_rolled_back_is_never_told(workstation: Workstation, listen: Listen):
    with listen() as heard:
        with inside(MERCEDES), transaction.atomic():
            leases.take_back(builders.actor(), workstation.check_out().json()["lease_id"])
            transaction.set_rollback(True)
        workstation.check_out()
        heard.wait_for(lambda _: len(heard.of("checkout")) == 2)
    assert heard.of("return") == []
