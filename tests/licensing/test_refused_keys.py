"""What refuses a key at the plane: each with its own code, each audited, none with a seat taken."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from audit.models import AuditEntry
from cloudlicenses.kit import clock, tokens
from cloudlicenses.web import wakeups
from keys import issuing
from keys.models import ApiKey
from licensing.models import Lease
from tenants.context import inside
from tenants.models import Tenant
from tests import builders, servers
from tests.licensing.workstations import HEARTBEAT, RETURN, Workstation

PATIENCE_SECONDS = 60


@pytest.mark.parametrize(
    ("restriction", "headers", "status", "code"),
    [
        ({"revoked_at": clock.now()}, {}, 401, "key_revoked"),
        ({"expires_at": clock.now()}, {}, 401, "key_expired"),
        ({"scopes": ["license:read"]}, {}, 403, "scope_missing"),
        ({"allowed_ip_ranges": ["10.0.0.0/8", "2001:db8::/32"]}, {}, 403, "ip_not_allowed"),
        ({"allowed_ip_ranges": ["10.0.0.0/8"]}, {"x_forwarded_for": "10.1.2.3"}, 403, "ip_not_allowed"),
        ({"allowed_ip_ranges": ["127.0.0.0/8"]}, {}, 201, None),
        ({"allowed_hostnames": ["dev-ws-042.mercedes.com"]}, {}, 403, "hostname_not_allowed"),
        ({"allowed_hostnames": ["dev-ws-042.mercedes.com"]}, {"x_hostname": "other"}, 403, "hostname_not_allowed"),
        ({"allowed_hostnames": ["dev-ws-042.mercedes.com"]}, {"x_hostname": "DEV-WS-042.mercedes.com"}, 201, None),
        ({"require_mtls": True}, {}, 403, "client_certificate_required"),
        ({"require_mtls": True}, {"x_client_cert": "forged"}, 403, "client_certificate_required"),
        ({"allowed_products": ["multi-ide"]}, {}, 403, "product_not_allowed"),
        ({"checkouts_per_minute": 1}, {}, 201, None),
    ],
)
def test_each_restriction_has_its_code(
    workstation: Workstation, restriction: dict[str, object], headers: dict[str, str], status: int, code: str | None
) -> None:
    with inside("mercedes"):
        ApiKey.objects.update(**restriction)
    answer = workstation.check_out(headers)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    with inside("mercedes"):
        assert Lease.objects.count() == (1 if status == 201 else 0)
        assert list(AuditEntry.objects.filter(event="key.refused").values_list("code", flat=True)) == (
            [code] if code else []
        )


def test_a_header_that_no_column_has_room_for_is_cut(workstation: Workstation) -> None:
    long = {"x_hostname": "h" * 300, "user_agent": "u" * 300, "x_app_fingerprint": "f" * 300}
    answer = workstation.check_out(long)
    assert answer.status_code == 201, answer.text
    assert workstation.post(RETURN, {"lease_id": answer.json()["lease_id"]}, **long).status_code == 200
    with inside("mercedes"):
        assert Lease.objects.get().hostname == "h" * 253
        ApiKey.objects.update(allowed_hostnames=["h" * 253])
    with servers.running() as new:
        assert Workstation(new, workstation.key).check_out(long).json()["code"] == "hostname_not_allowed"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "key_missing"),
        ("Basic abc", "key_missing"),
        ("Bearer clsk_mercedes_short", "key_invalid"),
        ("Bearer x", "key_invalid"),
    ],
)
def test_no_key_and_no_key_of_ours(workstation: Workstation, authorization: str, code: str) -> None:
    workstation.key = ""
    answer = workstation.check_out({"authorization": authorization} if authorization else {})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_of_one_tenant_is_nothing_at_another(workstation: Workstation) -> None:
    workstation.label = "bmw"
    answer = workstation.check_out()
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_tenant")
    with inside("bmw"):
        assert AuditEntry.objects.get().code == "wrong_tenant"
    with inside("mercedes"):
        told = AuditEntry.objects.get()
        assert (told.code, told.key_id) == ("wrong_tenant", ApiKey.objects.get().id)
        words = str(vars(told)).replace(told.key_id, "").replace(told.request_id, "")  # which are random letters
        assert "bmw" not in words
    workstation.key = tokens.mint("clsk", "mercedes").text  # nobody's
    assert workstation.check_out().json()["code"] == "wrong_tenant"
    with inside("mercedes"):
        assert AuditEntry.objects.count() == 1


def test_a_fast_key_is_told_to_wait(workstation: Workstation) -> None:
    with inside("mercedes"):
        ApiKey.objects.update(checkouts_per_minute=2)
    first, _, third = (workstation.check_out() for _ in range(3))
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("2", "1")
    assert (third.status_code, third.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(third.headers["Retry-After"]) <= 30


@pytest.fixture
def remembering(workstation: Workstation) -> Iterator[Workstation]:
    """At a server that forgets nothing by itself: what it knows anew, it was told."""
    command = servers.command_with({"licensing.plane.callers.REMEMBERED_SECONDS": 3600.0})
    with servers.running(command=command) as server:
        yield Workstation(server, workstation.key)


def test_a_revocation_is_in_force_in_the_running_server_because_it_is_told(remembering: Workstation) -> None:
    workstation = remembering
    assert workstation.check_out().status_code == 201
    with inside("mercedes"):
        issuing.revoke(builders.actor(), ApiKey.objects.get().id)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := workstation.check_out()).status_code != 401 and time.monotonic() < deadline:
        pass
    assert answer.json()["code"] == "key_revoked"


def test_a_suspended_tenant_is_served_nothing(remembering: Workstation) -> None:
    assert code_after_setting(remembering, "suspended", "tenant_suspended") == "tenant_suspended"
    assert code_after_setting(remembering, "active", "lease_not_found") == "lease_not_found"


def code_after_setting(workstation: Workstation, status: str, expected: str) -> str:
    """The first answer that is as expected, or the last one: every process is told of a change."""
    Tenant.objects.filter(id="mercedes").update(status=status)
    wakeups.announce("tenant", "mercedes")
    deadline = time.monotonic() + PATIENCE_SECONDS
    code = ""
    while code != expected and time.monotonic() < deadline:
        code = workstation.post(HEARTBEAT, {"lease_id": "lease-of-nobody"}).json()["code"]
    return code
