"""Inviting a person by a link that works once, for a while.

The link's secret is never stored (links.py). A newer invitation of the same person ends the older ones.
Everything works in the present scope: a tenant's own people, or `public` for vendor staff and operators.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import links, passwords
from accounts.models import Invitation, User
from accounts.refusals import InvitationExpired, InvitationUnknown, InvitationUsed, PersonExists
from accounts.roles import VENDOR
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, gettext_noop
from cloudlicenses.web.pages import apex_url, tenant_url, vendors_url
from tenants import context

PURPOSE = "invitations"


@transaction.atomic
def invite(*, email: str, name: str = "", role: str, actor: Actor, vendor_id: str = "") -> Invitation:
    """Make the person, without a password yet, and an invitation; the mail follows. Repeat it for a new link.

    Raises `PersonExists` for somebody who has accepted already, is deactivated, or belongs to another vendor, and `InvalidInput`.
    """
    _refuse_bad_address(email)
    user, is_new = User.objects.select_for_update().get_or_create(
        email=email.lower(),
        defaults={"name": name, "role": role, "vendor_id": vendor_id, "password": "", "created_at": clock.now()},
    )
    if not is_new and (user.password or not user.is_active or user.vendor_id != vendor_id):
        raise PersonExists
    user.name, user.role = name or user.name, role
    user.save(update_fields=["name", "role"])
    links.end_open(user.invitations.all())
    invitation = _new_invitation(user)
    events.record(
        "user.invited",
        actor=actor,
        subject=("user", str(user.pk)),
        vendor_id=vendor_id,
        invitation=invitation.pk,
        role=role,
    )
    return invitation


def find(secret: str) -> Invitation:
    """The open invitation that a link leads to, with its user; looking uses nothing up.

    Raises `InvitationUnknown`, `InvitationUsed`, `InvitationExpired`.
    """
    invitation = Invitation.objects.select_related("user").filter(secret_hash=links.hash_of(secret)).first()
    if invitation is None or not invitation.user.is_active:
        raise InvitationUnknown
    return _refuse_unless_open(invitation)


@transaction.atomic
def accept(secret: str, password: str, *, actor: Actor | None = None) -> User:
    """Set the person's password and use the invitation up. Of two at once, one succeeds and the other hears that it was used.

    Raises what `find` does, and `InvalidInput` for a password that is too weak.
    """
    links.hold_person(Invitation.objects.all(), secret)
    invitation = find(secret)
    user = invitation.user
    passwords.refuse_weak(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    events.record(
        "invitation.accepted", actor=actor or _person(user), subject=("user", str(user.pk)), vendor_id=user.vendor_id
    )
    return user


def link_of(invitation: Invitation) -> str:
    """The link, on the host where the person will work; empty when the invitation can't be used any more."""
    secret = links.open_secret_of(invitation, PURPOSE, invitation.user_id)
    return url_for(invitation.user, f"/invitations/{secret}") if secret else ""


def url_for(user: User, path: str) -> str:
    """This path on the host where the person works."""
    tenant_id = context.current().tenant_id
    if tenant_id:
        return tenant_url(tenant_id, path)
    return vendors_url(path) if user.role in VENDOR else apex_url(path)


def _refuse_bad_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput(
            errors=[FieldError("email", "invalid", gettext_noop("Must be an e-mail address."))]
        ) from None


def _new_invitation(user: User) -> Invitation:
    now = clock.now()
    invitation = Invitation(user=user, created_at=now, expires_at=now + timedelta(hours=settings.INVITATION_HOURS))
    invitation.secret_hash = links.hash_of(links.secrets_of(invitation, PURPOSE, user.pk)[0])
    invitation.save(force_insert=True)
    return invitation


def _refuse_unless_open(invitation: Invitation) -> Invitation:
    if invitation.used_at:
        raise InvitationUsed
    if invitation.expires_at <= clock.now():
        raise InvitationExpired
    return invitation


def _person(user: User) -> Actor:
    return Actor(kind="user", id=str(user.pk), label=user.email)
