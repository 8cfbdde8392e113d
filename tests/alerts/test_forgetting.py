"""What is only kept for a while goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from alerts import forgetting
from alerts.models import Alert, Pace, Sighting
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside
from tests.alerts.conftest import HERE, MERCEDES, THERE, happened, look


def test_what_a_key_has_learned_outlives_what_strangers_tried(key: ApiKey) -> None:
    happened("license.checked_out", key_id=key.id, ip=HERE, at=clock.now() - timedelta(days=2))
    happened("key.refused", code="ip_not_allowed", key_id=key.id, ip=THERE, at=clock.now() - timedelta(days=2))
    look()
    with inside(MERCEDES):
        assert forgetting.forget_old() == 2, "the place of the attempt, and how often there were any"
        assert [(each.place, each.is_familiar) for each in Sighting.objects.all()] == [(HERE, True)]
        assert not Pace.objects.filter(what="refusals").exists()
        Sighting.objects.update(last_at=clock.now() - timedelta(days=181))
        Alert.objects.update(status="resolved", resolved_at=clock.now() - timedelta(days=401))
        assert forgetting.forget_old() >= 2
        assert not Sighting.objects.exists()
        assert not Alert.objects.exists()
