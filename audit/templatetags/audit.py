"""The words of the audit log (audit/wording.py), for pages."""

from __future__ import annotations

from django import template

from audit import wording

register = template.Library()
register.filter("event_words", wording.event)
register.filter("subject_words", wording.subject)
register.filter("actor_words", wording.actor)
