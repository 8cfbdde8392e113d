"""Who reacts to what: the one table of events and their listeners, and of the steps that make a tenant.

A listener takes an `audit.delivery.Event`, hears of it at least once, after commit, in platform scope, and raises to be asked
again. Import listeners from story modules; nothing imports this file but cloudlicenses.tasks (and settings name the steps).
"""

from __future__ import annotations

from accounts import leak_letters, letters, people
from alerts import watching
from audit.delivery import Listener
from billing import ledger
from billing.webhooks.telling import tell_vendor
from keys.signing import ensure_signing_keys
from tenants.context import inside
from tenants.models import Tenant
from tenants.provisioning import Step, make_role, make_schema, open_for_use
from vendors import mails
from vendors.provisioning import provision_waiting
from vendors.renaming import RENAMED, rename_in_tenant, tell_customers

LISTENERS: dict[str, tuple[Listener, ...]] = {
    **dict.fromkeys(watching.EVENTS, (watching.note,)),
    **dict.fromkeys(watching.CHANGES, (watching.note_change,)),
    "tenant.deleted": (watching.forget_tenant,),
    "user.invited": (letters.send_invitation, watching.note),
    "password_reset.asked": (letters.send_reset,),
    "key.leaked": (watching.note, leak_letters.tell_owners),
    "token.leaked": (leak_letters.tell_user,),
    **dict.fromkeys(letters.NOTICES, (letters.send_notice,)),
    "license.generated": (tell_vendor,),
    "license.provisioned": (mails.tell_customer, ledger.charge_provisioned, tell_vendor),
    "license.announced": (mails.tell_customer,),
    "license.amended": (tell_vendor,),
    "license.suspended": (tell_vendor,),
    "license.resumed": (tell_vendor,),
    "license.revoked": (tell_vendor,),
    "license.renewed": (tell_vendor,),
    "license.expired": (tell_vendor,),
    RENAMED: (tell_customers, rename_in_tenant),
}


def make_signing_keys(tenant: Tenant) -> None:
    with inside(tenant.id):
        ensure_signing_keys(owner=tenant.id)


def provision_waiting_licenses(tenant: Tenant) -> None:
    provision_waiting(tenant.id)


# In this order. The tenant's host answers from `opening` on, so that nobody is sent a link before it works.
ONBOARDING_STEPS: tuple[Step, ...] = (
    Step("role", make_role),
    Step("schema", make_schema),
    Step("signing_keys", make_signing_keys),
    Step("opening", open_for_use),
    Step("administrator", people.invite_administrator),
    Step("licenses", provision_waiting_licenses),
)
