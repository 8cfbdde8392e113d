"""Mail about keys and tokens that somebody found in public and that were revoked. Listeners: each may be called again.

What the finder says of the place is in the audit log, not in the letter: it is a stranger's word, and letters have links.
"""

from __future__ import annotations

from django.utils import translation

from accounts import invitations, roles
from accounts.models import User
from accounts.queries import people
from audit.delivery import Event
from cloudlicenses.web import mail
from tenants import context


def tell_owners(event: Event) -> None:
    """On `key.leaked`: everybody who looks after the keys of the tenant, or of the vendor."""
    right = "keys:manage" if event.tenant_id else "integrations:manage"
    trusted = [role for role, rights in roles.RIGHTS.items() if right in rights]
    with context.inside(event.tenant_id) if event.tenant_id else context.platform():
        readers = list(people("" if event.tenant_id else event.vendor_id).filter(role__in=trusted, is_active=True))
        links = [invitations.url_for(reader, "/keys") for reader in readers]
    for reader, link in zip(readers, links, strict=True):
        _write(event, reader, link, name=str(event.facts["app_name"]))


def tell_user(event: Event) -> None:
    """On `token.leaked`: whose token it was."""
    with context.inside(event.tenant_id):
        reader = User.objects.filter(pk=event.facts["user"], is_active=True).first()
        link = invitations.url_for(reader, "/account/tokens") if reader else ""
    if reader:
        _write(event, reader, link, name=str(event.facts["name"]))


def _write(event: Event, reader: User, link: str, *, name: str) -> None:
    with translation.override(reader.language or "en"):
        said = {"name": reader.name, "key": name, "key_id": event.subject[1], "at": event.at, "link": link}
        mail.send("key_leaked", to=reader.email, message_id=f"{event.id}.{reader.pk}", context=said)
