"""What can't be done with certificates and their authorities."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class AuthorityKnown(Refusal):
    kind = Kind.CONFLICT
    code = "authority_known"
    title = gettext_noop("This certificate authority is trusted already.")


class TooManyAuthorities(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_authorities"
    title = gettext_noop(
        "There are as many certificate authorities as a tenant may have. Remove one that is no longer used."
    )


class RevocationListTooOld(Refusal):
    kind = Kind.CONFLICT
    code = "revocation_list_too_old"
    title = gettext_noop("A newer revocation list of this authority is in force already.")
