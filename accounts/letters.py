"""Mail to people about their access. Listeners: each may be called again for the same event and then sends the same letter."""

from __future__ import annotations

from accounts import invitations
from accounts.models import Invitation
from accounts.roles import VENDOR
from audit.delivery import Event
from cloudlicenses.web import mail
from tenants import context
from tenants.models import Tenant


def send_invitation(event: Event) -> None:
    """On `user.invited`. Nothing is sent for an invitation that was used, replaced or has expired meanwhile."""
    with context.inside(event.tenant_id) if event.tenant_id else context.platform():
        invitation = Invitation.objects.select_related("user").filter(pk=event.facts["invitation"]).first()
        link = invitations.link_of(invitation) if invitation else ""
    if invitation and link:
        mail.send(
            "invitation",
            to=invitation.user.email,
            message_id=event.id,
            context={
                "name": invitation.user.name,
                "email": invitation.user.email,
                "place": _place(event.tenant_id, invitation.user.role),
                "link": link,
                "expires_at": invitation.expires_at,
            },
        )


def _place(tenant_id: str, role: str) -> str:
    if tenant_id:
        return Tenant.objects.values_list("company_name", flat=True).get(pk=tenant_id)
    return "the vendor portal" if role in VENDOR else "the operators' pages"
