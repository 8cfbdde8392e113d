"""What a judge sees of a tenant, and what it says: a `Finding`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.calendars import BusinessHours
from alerts.reading import Occurrence
from alerts.rules import Ruling
from cloudlicenses.kit.networks import network_of
from keys.models import ApiKey

CHECKED_OUT, DENIED, REFUSED = "license.checked_out", "license.denied", "key.refused"
LEAKED = "key.leaked"
MOST_TOLD = 120  # characters of what a stranger says of itself


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual about a subject. `cause`: of what lasts, what it is for; the same cause is never told twice."""

    kind: str
    subject: tuple[str, str]
    name: str
    at: datetime
    count: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """One look at one tenant."""

    now: datetime
    occurrences: Sequence[Occurrence]
    rules: Mapping[str, Ruling]
    hours: BusinessHours
    keys: Mapping[str, ApiKey]  # those that are named

    def of(self, *events: str) -> Iterator[Occurrence]:
        return (occurrence for occurrence in self.occurrences if occurrence.event in events)

    def limit(self, kind: str, name: str) -> int:
        return self.rules[kind].thresholds[name]

    def subject_of(self, occurrence: Occurrence) -> tuple[tuple[str, str], str]:
        """Whose act it was, and its name: the key's, or where no key was known, the address's."""
        key = self.keys.get(key_id_of(occurrence))
        if key is not None:
            return ("key", key.id), key.app_name
        place = place_of(occurrence.ip)
        return ("address", place or "unknown"), place

    def key_name(self, key_id: str) -> str:
        key = self.keys.get(key_id)
        return key.app_name if key else key_id


def key_id_of(occurrence: Occurrence) -> str:
    """Of the key that it is about: whoever reports a leaked one comes with none."""
    return occurrence.subject_id if occurrence.event == LEAKED else occurrence.key_id


def place_of(ip: str) -> str:
    """Of IPv6 the network: whoever has one could come from another address each time, and raise an alert with each."""
    return network_of(ip) if ip else ""


def told(occurrence: Occurrence) -> dict[str, Any]:
    """Where it happened, as alerts tell it."""
    values = {
        "code": occurrence.code, "ip": occurrence.ip, "hostname": occurrence.hostname, "fingerprint": occurrence.fingerprint,
        "user": occurrence.facts.get("user", ""), "product_id": occurrence.facts.get("product_id", ""),
    }  # fmt: skip
    return {name: str(value)[:MOST_TOLD] for name, value in values.items() if value}
