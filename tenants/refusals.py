"""What refuses a registration or its proof, and what a tenant's state forbids."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class TenantTaken(Refusal):
    kind = Kind.CONFLICT
    code = "tenant_taken"
    title = gettext_noop("This tenant id is taken. Choose another.")


class DomainTaken(Refusal):
    kind = Kind.CONFLICT
    code = "domain_taken"
    title = gettext_noop("This domain has a tenant, or a registration under another tenant id.")


class VerificationPending(Refusal):
    kind = Kind.CONFLICT
    code = "verification_pending"
    title = gettext_noop("The DNS record was not found yet.")


class VerificationTokenMismatch(Refusal):
    kind = Kind.FORBIDDEN
    code = "verification_token_mismatch"
    title = gettext_noop("This is not the verification token of the registration.")


class VerificationExpired(Refusal):
    kind = Kind.CONFLICT
    code = "verification_expired"
    title = gettext_noop("The registration has expired. Register again to start anew.")


class TokenMissing(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "verification_token_missing"
    title = gettext_noop("Send the verification token: Authorization: Bearer …")


class TenantNotReady(Refusal):
    kind = Kind.CONFLICT
    code = "tenant_not_ready"
    title = gettext_noop("The tenant is not in a state that allows this.")
