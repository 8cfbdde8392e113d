"""What a log can't prove, yet or at all."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class NoSuchHead(Refusal):
    kind = Kind.MISSING
    code = "no_such_tree_head"
    title = gettext_noop("This log never had a signed head of that size.")


class NotSealedYet(Refusal):
    kind = Kind.CONFLICT
    code = "not_sealed_yet"
    title = gettext_noop("This entry is not sealed yet, or was not at that size. Entries are sealed within seconds.")


class UnfitPart(Refusal):
    kind = Kind.INVALID
    code = "unfit_part"
    title = gettext_noop("There is no such part of this log.")


class LogDamaged(Refusal):
    """Somebody with the rights of the database's owner was there."""

    kind = Kind.CONFLICT
    code = "log_damaged"
    title = gettext_noop("Leaves of this log's tree are missing. Export the whole log: the verifier tells which.")
