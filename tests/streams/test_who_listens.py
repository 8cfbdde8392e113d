"""Who may listen, what they are told, and that nobody listens any longer than they may."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts import tokens
from accounts.models import Role, Session
from alerts import looking, watching
from cloudlicenses.web import wakeups
from keys import issuing
from keys.models import ApiKey
from tenants.context import inside, platform
from tenants.models import Tenant
from tests import builders, cast, servers, sites
from tests.licensing.workstations import Workstation
from tests.streams.conftest import Listen
from tests.streams.listeners import Listener

MERCEDES, BMW = cast.MERCEDES.id, cast.BMW.id


def cookie_of(role: Role) -> str:
    """The session of somebody of that role, signed in at Mercedes."""
    with inside(MERCEDES):
        site = sites.tenant(MERCEDES)
        person = builders.person(f"{role}@mercedes-benz.com", role=role)
        site.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return f"{settings.SESSION_COOKIE_NAME}={site.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_another_tenant_hears_nothing(workstation: Workstation, listen: Listen):
    with inside(BMW):
        key = builders.tenant_key(BMW)
    with listen(label=BMW, key=key) as bmw, listen() as mercedes:
        workstation.check_out()
        mercedes.wait_for(lambda events: bool(events))
        assert bmw.events == []


@pytest.mark.parametrize(
    ("shown", "status", "code"),
    [
        ({"key": ""}, 401, "key_missing"),
        ({"key": "clsk_mercedes_nonsense"}, 401, "key_invalid"),
        ({"label": BMW}, 403, "wrong_tenant"),
        ({"label": "nobody"}, 404, "not_found"),
        ({"label": "vendors"}, 404, "not_found"),
        ({"label": ""}, 404, "not_found"),
    ],
)
def test_strangers_are_refused_as_everywhere(listen: Listen, shown: dict[str, str], status: int, code: str):
    with listen(**shown) as heard:
        assert (heard.status, heard.problem["code"]) == (status, code)
    assert heard.headers["content-type"] == "application/problem+json"
    assert "x-stream-grant" not in heard.headers


def test_a_key_needs_the_scope(listen: Listen):
    with inside(MERCEDES):
        key = builders.tenant_key(scopes=("license:checkout",))
    with listen(key=key) as heard:
        assert (heard.status, heard.problem["code"]) == (403, "scope_missing")


def test_a_viewer_sees_who_but_not_for_how_much(workstation: Workstation, listen: Listen):
    with listen(key="", cookie=cookie_of(Role.VIEWER)) as viewer, listen(key="", cookie=cookie_of(Role.OWNER)) as owner:
        workstation.check_out()
        viewer.wait_for(lambda events: bool(events))
        owner.wait_for(lambda events: bool(events))
    assert "cost" not in viewer.of("checkout")[0]
    assert owner.of("checkout")[0]["cost"] == 0.0
    assert "x-stream-grant" not in owner.headers


def test_alerts_are_for_those_who_read_the_audit_log(workstation: Workstation, listen: Listen):
    with listen(key="", cookie=cookie_of(Role.VIEWER)) as viewer, listen(key="", cookie=cookie_of(Role.OWNER)) as owner:
        with inside(MERCEDES):
            limited = builders.tenant_key(allowed_hostnames=["dev-ws-001.mercedes.com"])
        Workstation(workstation.server, limited).check_out(hostname="elsewhere.example")
        with platform():
            watching.look_soon([MERCEDES])
        looking.look_due()
        owner.wait_for(lambda _: bool(owner.of("alert")))
        workstation.check_out()
        viewer.wait_for(lambda _: bool(viewer.of("checkout")))
    assert [(alert["kind"], alert["change"]) for alert in owner.of("alert")] == [("unknown_hostname", "raised")]
    assert viewer.of("alert") == []


def test_a_revoked_key_is_cut_off_where_nobody_looks_because_it_is_told(workstation: Workstation):
    never_looks = servers.command_with({"licensing.streams.app.TICK": 3600.0})
    with servers.running(command=never_looks) as server, Listener(server, key=workstation.key) as heard:
        with inside(MERCEDES):
            issuing.revoke(builders.actor(), ApiKey.objects.get().id)
        heard.wait_until_closed()


def test_whoever_signs_out_is_cut_off(workstation: Workstation, listen: Listen):
    with listen(key="", cookie=cookie_of(Role.OWNER)) as gone, listen() as stays:
        with inside(MERCEDES):
            Session.objects.all().delete()
        gone.wait_until_closed()
        workstation.check_out()
        stays.wait_for(lambda events: bool(events))


def test_a_revoked_token_and_another_role_are_noticed(workstation: Workstation, listen: Listen):
    with inside(MERCEDES):
        anna = builders.person("anna@mercedes-benz.com", role=Role.OWNER)
        issued, text = tokens.issue(anna, "laptop", actor=builders.actor())
    with listen(key=text) as by_token, listen(key="", cookie=cookie_of(Role.FINANCE)) as by_session:
        with inside(MERCEDES):
            tokens.revoke(anna, issued.id, actor=builders.actor())
            type(anna).objects.filter(role=Role.FINANCE).update(role=Role.VIEWER)
        by_token.wait_until_closed()
        by_session.wait_until_closed()


def test_a_suspended_tenant_hears_no_more(listen: Listen):
    with listen() as heard:
        Tenant.objects.filter(pk=MERCEDES).update(status=Tenant.Status.SUSPENDED)
        heard.wait_until_closed()
    Tenant.objects.filter(pk=MERCEDES).update(status=Tenant.Status.ACTIVE)
    wakeups.announce("tenant", MERCEDES)  # the server outlives the test, and is to forget it
