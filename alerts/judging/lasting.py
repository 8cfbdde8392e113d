"""What lasts, and needs no event: keys and certificates about to expire, budgets nearly used up.

Each is told once for each cause, and over when the cause is. Nobody has to ask every tenant every day: a look says when
time alone will next change something (`next_change`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, QuerySet

from alerts.judging import expiring
from alerts.judging.scene import Finding, Scene
from alerts.models import Alert
from cloudlicenses.kit import months
from keys.models import ApiKey
from licensing.models import License

Over = tuple[Alert, str]  # an alert whose cause is gone, and why


def judge(scene: Scene) -> Iterator[Finding]:
    yield from expiring.judge(scene)
    yield from _spent(scene)


def over(scene: Scene, alerts: QuerySet[Alert]) -> Iterator[Over]:
    """Which of these alerts have lost their cause."""
    causes = {(found.kind, found.subject[1], found.cause) for found in judge(scene)}
    revoked = set(
        ApiKey.objects.filter(
            pk__in=alerts.filter(subject_kind="key").values("subject_id"), revoked_at__isnull=False
        ).values_list("pk", flat=True)
    )
    for alert in alerts:
        if alert.subject_kind == "key" and alert.subject_id in revoked and alert.kind != "leaked_key":
            yield alert, "key_revoked"
        elif (cause := alert.facts.get("cause")) and (alert.kind, alert.subject_id, cause) not in causes:
            yield alert, "cause_gone"


def next_change(scene: Scene) -> datetime | None:
    """When something comes so near to its end that it will be told, or ends, or a budget's month is over."""
    moments = list(expiring.changes(scene))
    if _with_budget().exists():
        moments.append(months.start_of(months.following(scene.now.date())))
    return min(moments, default=None)


def _spent(scene: Scene) -> Iterator[Finding]:
    month = scene.now.date().replace(day=1)
    percent = scene.limit("budget", "percent")
    for license in _with_budget().filter(spent_month=month, spent__gte=F("monthly_budget") * percent / 100):
        facts = {
            "spent": str(license.spent), "budget": str(license.monthly_budget), "currency": license.currency, "percent": percent,
            "license_id": license.id,
        }  # fmt: skip
        cause = f"{month:%Y-%m} {license.monthly_budget} {percent}"
        name = license.product_name or license.product_id
        yield Finding("budget", ("license", license.id), name, scene.now, 1, facts, cause=cause)


def _with_budget() -> QuerySet[License]:
    return License.objects.filter(monthly_budget__gt=0, status=License.Status.ACTIVE)
