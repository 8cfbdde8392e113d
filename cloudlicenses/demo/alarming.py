"""Some alerts at a customer, as they could have been: raised by looking at its log, then moved into the past."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import invitations
from accounts.models import Role
from alerts import handling, looking, watching
from alerts.models import Alert
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from keys import issuing
from keys.models import ApiKey
from tenants.context import inside, platform

# Minutes ago, from where, on which host, refused with what, how often.
ATTEMPTS = (
    (14, "203.0.113.77", "laptop-7.mallory.example", "hostname_not_allowed", 3),
    (52, "198.51.100.23", "", "wrong_tenant", 1),
    (190, "10.20.4.11", "ci-runner-4.mercedes.example", "rate_limited", 12),
)
LASTING = 6 * 60  # minutes ago


def alarm(customer_id: str, *, admin: str, actor: Actor) -> None:
    """Once: a customer that has alerts keeps those it has."""
    with inside(customer_id):
        if Alert.objects.exists():
            return
        _attempts(customer_id, actor)
        person = Actor(kind="user", id=admin, label=admin, ip="10.20.0.5")
        invitations.invite(
            email=f"security@{customer_id}.example", name="IT Security", role=Role.LICENSE_ADMIN, actor=person
        )
    with platform():
        watching.look_soon([customer_id])
    looking.look(customer_id)
    with inside(customer_id):
        _into_the_past(customer_id, admin)


@transaction.atomic
def _attempts(customer_id: str, actor: Actor) -> None:
    key = ApiKey.objects.filter(owner=customer_id).order_by("created_at", "id")[0]
    issuing.issue(actor, owner=customer_id, app_name="Build server 3", app_type="ci_cd", expires_in_days=9)
    for _, ip, hostname, code, times in ATTEMPTS:
        tried = Actor(kind="key", id=key.id, label=key.app_name, key_id=key.id, ip=ip, hostname=hostname)
        for _ in range(times):
            events.record("key.refused", actor=tried, subject=("key", key.id), code=code)


def _into_the_past(customer_id: str, admin: str) -> None:
    """And somebody has begun to look into one of them."""
    now = clock.now()
    minutes = {code: ago for ago, _, _, code, _ in ATTEMPTS}
    for alert in Alert.objects.all():
        ago = timedelta(minutes=minutes.get(alert.facts.get("code", ""), LASTING))
        Alert.objects.filter(pk=alert.pk).update(first_at=now - 2 * ago, last_at=now - ago)
    busy = Alert.objects.filter(kind="unusual_rate").first()
    if busy:
        person = Actor(kind="user", id=admin, label=admin)
        handling.acknowledge(busy.id, actor=person, note="Asked the build team to slow their runners down.")
