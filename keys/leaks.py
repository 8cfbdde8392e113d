"""A key or token that was found where it must not be: whoever has its text may end it. At once, audited, and its owner is told.

Works in platform scope; each kind is looked for where its owner's keys are. Nobody is told whether it was a real one.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts import tokens as personal_tokens
from audit import events
from cloudlicenses.kit import tokens
from cloudlicenses.kit.actor import Actor
from keys import issuing, queries
from keys.models import ApiKey
from keys.recognising import APPLICATION, VENDOR
from tenants.context import acting_for, inside
from tenants.queries import find_tenant_by_label


def revoke(text: str, *, found_at: str, actor: Actor) -> bool:
    """Whether a usable key was revoked. What is mistyped is told by its checksum, without asking the database."""
    said = tokens.read(text.strip())
    if said is None or said[0] not in REVOKE:
        return False
    prefix, owner = said
    return REVOKE[prefix](owner, text.strip(), actor, found_at)


def _application_key(tenant_id: str, text: str, actor: Actor, found_at: str) -> bool:
    if find_tenant_by_label(tenant_id) is None:
        return False
    with inside(tenant_id):
        return _key(tenant_id, text, actor, found_at)


def _vendor_key(vendor_id: str, text: str, actor: Actor, found_at: str) -> bool:
    with acting_for(vendor_id):
        return _key(vendor_id, text, actor, found_at)


def _personal_token(tenant_id: str, text: str, actor: Actor, found_at: str) -> bool:
    if find_tenant_by_label(tenant_id) is None:
        return False
    with inside(tenant_id):
        return personal_tokens.revoke_leaked(text, actor=actor, found_at=found_at)


@transaction.atomic
def _key(owner: str, text: str, actor: Actor, found_at: str) -> bool:
    """Locked before it is looked at: reported twice at once, it is found once, and its owner told once."""
    found = ApiKey.objects.filter(secret_hash__in=tokens.digests(text), owner=owner)
    key = found.select_for_update().first()
    if key is None or queries.state_of(key) not in {"active", "rotated"}:
        return False
    issuing.revoke(actor, key.id)
    events.record("key.leaked", actor=actor, subject=("key", key.id), app_name=key.app_name, found_at=found_at)
    return True


Revoke = Callable[[str, str, Actor, str], bool]
REVOKE: dict[str, Revoke] = {
    APPLICATION: _application_key,
    VENDOR: _vendor_key,
    personal_tokens.PREFIX: _personal_token,
}
