"""Some days at a customer that give rise to alerts: who signed in, what was tried, who was told, and who did something about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings

from accounts import invitations
from accounts.models import Role
from alerts import channels, handling, looking, watching
from alerts.models import Alert
from audit import events
from cloudlicenses.demo.certifying import BUILD_SERVER, WORKSTATION, WORKSTATIONS
from cloudlicenses.demo.past import Act
from cloudlicenses.kit.actor import Actor
from keys import issuing, leaks
from keys.models import ApiKey
from tenants.context import platform

LEAKED = "Nightly regression"
LEAKED_AT = "https://github.example/powertrain/nightly/blob/main/.env"
# Days ago, which key, from where, on which host, refused with what, how often.
ATTEMPTS = (
    (0.132, WORKSTATIONS, "10.20.4.11", "ci-runner-4.mercedes.example", "rate_limited", 12),
    (0.036, BUILD_SERVER, "198.51.100.23", "", "client_certificate_required", 2),
    (0.01, WORKSTATION, "203.0.113.77", "laptop-7.mallory.example", "hostname_not_allowed", 3),
)
Handle = Callable[..., Alert]
SIGNED_IN = (6.3, 5.2, 4.25, 1.2, 0.27)  # days ago


def acts(customer_id: str, person: Actor) -> Iterator[Act]:
    look = partial(_look, customer_id)
    for days in SIGNED_IN:
        yield days, partial(events.record, "user.signed_in", actor=person, subject=("user", person.id))
    yield 86.9, look  # makes the first channel
    yield 60.2, partial(_add_channels, customer_id, person)
    yield 1.15, partial(_leak, customer_id, person)
    yield 1.149, look
    yield (
        1.13,
        partial(_handle, "leaked_key", handling.resolve, person, "Replaced in the pipeline, repository cleaned."),
    )
    yield 0.26, partial(
        invitations.invite, email=f"security@{customer_id}.example", name="IT Security", role=Role.LICENSE_ADMIN, actor=person
    )  # fmt: skip
    for days, app_name, ip, hostname, code, times in ATTEMPTS:
        yield days, partial(_try, app_name, ip, hostname, code, times)
        yield days - 0.001, look
    yield (
        0.1,
        partial(
            _handle, "unusual_rate", handling.acknowledge, person, "Asked the build team to slow their runners down."
        ),
    )


def _look(customer_id: str) -> None:
    with platform():
        watching.look_soon([customer_id])
    looking.look(customer_id)


def _add_channels(customer_id: str, person: Actor) -> None:
    """One that speaks, and one that is paused: nothing of the demo leaves the machine."""
    on_call = {"to": [f"on-call@{customer_id}.example"]}
    channels.add("email", on_call, actor=person, name="On-call security", least_severity="high")
    slack = {"url": f"{settings.SLACK_BASE_URL}/services/T024DEMO/B061DEMO/x7Jq2mVw9KpL"}
    channels.add("slack", slack, actor=person, name="#license-alerts", is_active=False)


def _leak(customer_id: str, person: Actor) -> None:
    text = issuing.issue(person, owner=customer_id, app_name=LEAKED, app_type="ci_cd").text
    finder = Actor(kind="anonymous", id="", label="", ip="192.0.2.61")
    leaks.revoke(text, found_at=LEAKED_AT, actor=finder)


def _try(app_name: str, ip: str, hostname: str, code: str, times: int) -> None:
    key = ApiKey.objects.get(app_name=app_name)
    tried = Actor(kind="key", id=key.id, label=key.app_name, key_id=key.id, ip=ip, hostname=hostname)
    for _ in range(times):
        events.record("key.refused", actor=tried, subject=("key", key.id), code=code)


def _handle(kind: str, handle: Handle, person: Actor, note: str) -> None:
    for alert in Alert.objects.filter(kind=kind):
        handle(alert.id, actor=person, note=note)
