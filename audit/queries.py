"""Reading the audit log, in the present scope: a tenant's own, or the platform's."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from audit.models import AuditEntry

NEWEST_FIRST = ("-id",)


def entries(*, about: str = "", result: str = "") -> QuerySet[AuditEntry]:
    """All entries, or those with a word in their event, code, actor or subject; or only those of one result."""
    found = AuditEntry.objects.all()
    if result:
        found = found.filter(result=result)
    if about:
        names = ("event", "code", "actor_label", "actor_id", "subject_id", "hostname")
        condition = Q()
        for name in names:
            condition |= Q(**{f"{name}__icontains": about})
        found = found.filter(condition)
    return found
