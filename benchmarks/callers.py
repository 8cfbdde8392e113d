"""Whoever opens the pages that are measured: at each host its owner, a stranger, and somebody who has shown a password only."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from benchmarks.opened import HALF_WAY, SIGNED_IN, STRANGER
from cloudlicenses.kit import clock

if TYPE_CHECKING:  # Django is imported once it is set up
    from django.test import Client


def callers(kind: str, label: str, vendor_id: str = "") -> tuple[dict[str, Client], dict[str, str]]:
    """One browser of each; and the addresses of whom and what they may look at there. `label` is the host's; empty: the apex."""
    from accounts.models import Role, User

    roles = {"tenant": Role.OWNER, "vendors": Role.VENDOR_OWNER, "apex": Role.OPERATOR}
    now = clock.now()
    with _scope(kind, label):
        facts = {
            "name": "Anna",
            "role": roles[kind],
            "vendor_id": vendor_id,
            "created_at": now,
            "second_factor_since": now,
        }
        user = User(email=f"anna@{kind}.example", password="-", **facts)  # noqa: S106 - that of nobody: it is never asked for
        user.save()
        browsers = {SIGNED_IN: _signed_in(label, user), STRANGER: _browser(label), HALF_WAY: _half_way(label, user)}
        return browsers, _places(user, vendor_id)


def _scope(kind: str, label: str) -> AbstractContextManager[Any]:
    from tenants.context import inside, platform

    return inside(label) if kind == "tenant" else platform()


def _browser(label: str) -> Client:
    from django.conf import settings
    from django.test import Client

    return Client(headers={"host": f"{label}.{settings.BASE_DOMAIN}".lstrip(".")})


def _signed_in(label: str, user: Any) -> Client:
    from cloudlicenses.web.people import CONFIRMED_AT

    browser = _browser(label)
    browser.force_login(user)
    return _remembering(browser, {CONFIRMED_AT: clock.now().timestamp()})


def _half_way(label: str, user: Any) -> Client:
    from accounts.signing_in import HALF_WAY as KEPT

    proof = {"user": user.pk, "proof": user.get_session_auth_hash(), "at": clock.now().timestamp(), "next": "/"}
    return _remembering(_browser(label), {KEPT: proof})


def _remembering(browser: Client, what: dict[str, Any]) -> Client:
    from django.conf import settings

    session = browser.session
    session.update(what)
    session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return browser


def _places(user: Any, vendor_id: str) -> dict[str, str]:
    from accounts import invitations, links, resets, tokens
    from accounts.models import User
    from cloudlicenses.kit.actor import SYSTEM

    invitation = invitations.invite(email=f"new-{user.email}", role=user.role, vendor_id=vendor_id, actor=SYSTEM)
    reset = resets.open_for(user.email, asked_in=f"reset of {user.email}")
    assert reset is not None
    others = User.objects.filter(vendor_id=vendor_id).exclude(pk=user.pk).exclude(pk=invitation.user_id)
    found = {
        "invitation": links.open_secret_of(invitation, invitations.PURPOSE, invitation.user_id),
        "reset": links.open_secret_of(reset, resets.PURPOSE, user.pk),
        "invited": str(invitation.user_id),
        "member": str(others.values_list("pk", flat=True).first()),
        "passkey": str(_passkey(user).pk),
        "entry": str(_last_entry(vendor_id)),
    }
    return found | ({"token": tokens.issue(user, "CI", actor=SYSTEM)[0].pk} if user.role == "owner" else {})


def _passkey(user: Any) -> Any:
    from accounts.models import Passkey

    return Passkey.objects.create(
        user=user,
        credential_id=f"of {user.email}",
        credential=b"-",
        sign_count=0,
        rp_id="example",
        name="Key",
        created_at=clock.now(),
    )


def _last_entry(vendor_id: str) -> int:
    """Of the tenant's, the vendor's or the platform's log."""
    from audit.models import AuditEntry

    return AuditEntry.objects.filter(vendor_id=vendor_id).latest("id").pk
