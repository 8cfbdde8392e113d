"""The words of the audit log (audit/wording.py), for pages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from audit import wording
from audit.fact_words import VALUES
from audit.models import AuditEntry

register = template.Library()
register.filter("event_words", wording.event)
register.filter("subject_words", wording.subject)
register.filter("actor_words", wording.actor)


@register.filter
def subject_name(entry: AuditEntry, people: Mapping[str, str]) -> str:
    """What people call what the entry is about, where that is another thing than its id; empty otherwise."""
    if entry.subject_kind == "user":
        return people.get(entry.subject_id, "")
    return str(VALUES["kind"].get(entry.subject_id, "")) if entry.subject_kind == "alert_rule" else ""
