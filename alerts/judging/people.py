"""Has somebody become an administrator: of keys and alerts, or of people?"""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from accounts.roles import TENANT, may
from alerts.judging.scene import Finding, Scene

ADMINISTRATORS = frozenset(role for role in TENANT if may(role, "keys:manage") or may(role, "users:manage"))
BY_ITSELF = "system"  # the first administrator of all


def judge(scene: Scene) -> Iterator[Finding]:
    for occurrence in scene.of("user.invited", "user.role_changed"):
        after = occurrence.facts.get("role") or occurrence.facts.get("after")
        if occurrence.actor_kind == BY_ITSELF or after not in ADMINISTRATORS:
            continue
        if occurrence.facts.get("before") in ADMINISTRATORS:
            continue
        person = User.objects.filter(pk=occurrence.subject_id).first() if occurrence.subject_id.isdigit() else None
        name = person.email if person else occurrence.subject_id
        facts = {"role": str(after), "by": occurrence.actor_label[:120], "ip": occurrence.ip}
        yield Finding("new_admin", ("user", occurrence.subject_id), name, occurrence.last_at, 1, facts)
