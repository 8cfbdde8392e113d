"""Mail to people about their access. Listeners: each may be called again for the same event and then sends the same letter."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import invitations, resets
from accounts.models import Invitation, User
from accounts.roles import VENDOR
from audit.delivery import Event
from cloudlicenses.web import mail
from tenants import context
from tenants.models import Tenant

SECURITY = {False: "/account/security", True: "/operator/account/security"}  # by whether it is an operator
NOTICES = {
    "user.password_changed": gettext_lazy("Your password was changed. All other browsers are signed out."),
    "user.password_reset": gettext_lazy(
        "Your password was reset by a link from your mailbox. All browsers are signed out."
    ),
    "totp.added": gettext_lazy("An authenticator app was added to your account."),
    "totp.removed": gettext_lazy("The authenticator app was removed from your account."),
    "passkey.added": gettext_lazy("A passkey was added to your account."),
    "passkey.removed": gettext_lazy("A passkey was removed from your account."),
    "recovery_code.used": gettext_lazy("A recovery code was used to sign in to your account."),
    "second_factors.forgotten": gettext_lazy(
        "Your second factors were removed by an owner, because you had lost them."
    ),
}


def send_invitation(event: Event) -> None:
    """On `user.invited`. Nothing is sent for an invitation that was used, replaced or has expired meanwhile."""
    with _scope_of(event):
        invitation = Invitation.objects.select_related("user").filter(pk=event.facts["invitation"]).first()
        link = invitations.link_of(invitation) if invitation else ""
    if invitation and link:
        _write(event, "invitation", invitation.user, link=link, expires_at=invitation.expires_at)


def send_reset(event: Event) -> None:
    """On `password_reset.asked`. Nothing is sent where nobody can use it, and nobody who asked can tell."""
    with _scope_of(event):
        reset = resets.open_for(str(event.facts["email"]), asked_in=event.id)
        link = resets.link_of(reset) if reset else ""
    if reset and link:
        _write(event, "password_reset", reset.user, link=link, expires_at=reset.expires_at, ip=event.actor.ip)


def send_notice(event: Event) -> None:
    """On what changes how one gets in: whoever did it themselves needn't read on, whoever didn't must know at once."""
    with _scope_of(event):
        user = User.objects.filter(pk=event.subject[1], is_active=True).first()
        link = invitations.url_for(user, SECURITY[user.may("platform:read")]) if user else ""
    if user:
        _write(event, "security_notice", user, link=link, at=event.at, ip=event.actor.ip, notice=NOTICES[event.name])


def _write(event: Event, name: str, user: User, **facts: object) -> None:
    with translation.override(user.language or "en"):
        said = {"name": user.name, "email": user.email, "place": _place(event.tenant_id, user.role), **facts}
        mail.send(name, to=user.email, message_id=event.id, context=said)


def _scope_of(event: Event) -> AbstractContextManager[object]:
    return context.inside(event.tenant_id) if event.tenant_id else context.platform()


def _place(tenant_id: str, role: str) -> str:
    if tenant_id:
        return Tenant.objects.values_list("company_name", flat=True).get(pk=tenant_id)
    return _("the vendor portal") if role in VENDOR else _("the operators' pages")
