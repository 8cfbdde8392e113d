"""What is only kept for a while: places and paces that nothing came of lately, messages that are done, alerts long resolved."""

from __future__ import annotations

from datetime import timedelta

from alerts import deliveries
from alerts.models import Alert, Pace, Sighting
from cloudlicenses.kit import clock

PLACES_KEPT = timedelta(days=180)
TRIES_KEPT = timedelta(days=1)  # places of keys that were refused there: as many as strangers like
PACES_KEPT = timedelta(days=90)
ALERTS_KEPT = timedelta(days=400)


def forget_old() -> int:
    """How many rows went; in the tenant's scope."""
    now = clock.now()
    return (
        sum(
            rows.delete()[0]
            for rows in (
                Sighting.objects.filter(is_familiar=True, last_at__lt=now - PLACES_KEPT),
                Sighting.objects.filter(is_familiar=False, last_at__lt=now - TRIES_KEPT),
                Pace.objects.filter(last_at__lt=now - PACES_KEPT),
                Pace.objects.filter(what="refusals", last_at__lt=now - TRIES_KEPT),
                Alert.objects.filter(resolved_at__lt=now - ALERTS_KEPT),
            )
        )
        + deliveries.forget_old()
    )
