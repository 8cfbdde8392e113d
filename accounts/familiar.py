"""Words that everybody here knows: of our trade, of the company, of the person. A password that is made of nothing else is guessed
first by whoever aims at us, however long it is (ASVS 6.1.2, 6.2.11). One among other words does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Set

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from tenants import context
from tenants.models import Tenant

WORDS = tuple(
    """
    account activation admin administrator alert allowance amendment api application applications audit automotive bill billing
    budget build cad cert certificate checkout checkouts client cloud cloudlicense cloudlicenses commit company configurator
    contract cost costs crm customer customers daemon dashboard davinci denial department deployment desktop device devops
    dongle embedded engine engineer engineering enterprise entitlement event expired expire fee feature finance fingerprint
    flexera flexlm flexnet floating grant heartbeat host hostname ide invoice issue key keys laptop lease leases ledger licence
    licences license licensed licenses licensing login manager matlab mtls network node offline operator order overage owner
    package packages pass passphrase password platform plugin pool portal prepaid pricing product production products provision
    purchase quota quote rehost renewal report reservation reseller return revoke root safety sales salesforce seat seats secret
    secure security server servers service session signing simulation simulink software staging statement studio subscription
    superuser support suspend sysadmin system team tenant tenants test testing token tool toolchain tools usage user users
    validation vector vendor vendors viewer webhook welcome workstation
    """.split()
)
ENOUGH = 6  # letters that stand in other words
LONGEST_JUDGED = 128


class FamiliarWordsValidator:
    """A password validator of Django's (AUTH_PASSWORD_VALIDATORS)."""

    def validate(self, password: str, user: User | None = None) -> None:
        known = {*WORDS, *_around(user)}
        others = [part for part in _letters(password[:LONGEST_JUDGED]) if not _is_made_of(known, part)]
        if sum(map(len, others)) < ENOUGH:
            raise ValidationError(
                _(
                    "Everybody here knows these words. Add some that have nothing to do with licenses, your company or you."
                ),
                code="password_of_familiar_words",
            )

    def get_help_text(self) -> str:
        return _("Your password must have words that have nothing to do with licenses, your company or you.")


def _around(user: User | None) -> list[str]:
    """Of the person and the company."""
    about = f"{user.email} {user.name} {user.vendor_id}" if user else ""
    if tenant_id := context.current().tenant_id:
        names = Tenant.objects.filter(pk=tenant_id).values_list("company_name", flat=True)
        about = " ".join([about, tenant_id, *names])
    return [word for word in _letters(about) if len(word) > 2]


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _is_made_of(words: Set[str], text: str) -> bool:
    """Whether the text is one such word after the other; in steps that its length bounds, whatever the words."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(end - len(word) in reached and text.endswith(word, 0, end) for word in words):
            reached.add(end)
    return len(text) in reached
