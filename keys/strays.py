"""A key that was tried at the host of a tenant that isn't its own: its owner hears of it, and not whose host it was.

Anybody can write a key that looks like a tenant's; so only one that exists, and would still work at home, is worth a line there.
"""

from __future__ import annotations

from dataclasses import replace

from audit import events
from cloudlicenses.kit import clock, tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Refusal
from keys import recognising
from keys.refusals import WrongTenant
from tenants.context import inside, platform
from tenants.models import Tenant


def tell_owner(text: str, actor: Actor) -> None:
    """Whoever `actor` says it was, with the key `text`; nothing for a key that isn't one."""
    owner = tokens.owner_in(text, recognising.APPLICATION)
    with platform():
        if not Tenant.objects.filter(id=owner, is_provisioned=True).exists():
            return
    with inside(str(owner)):
        try:
            key = recognising.usable(recognising.find(text, recognising.APPLICATION), clock.now())
        except Refusal:
            return
        whose = replace(actor, id=key.id, label=key.app_name, key_id=key.id, request_id="")
        events.record("key.refused", actor=whose, subject=("key", key.id), code=WrongTenant.code)
