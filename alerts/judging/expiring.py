"""What will end soon although it is needed: keys, client certificates, and the authorities that have issued them.

What has a successor is meant to end: a key that was rotated, a certificate whose names another one carries for longer, an authority
of which a later certificate is trusted. And a certificate is needed by the keys that ask for one, nobody else looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from alerts.judging.scene import Finding, Scene
from certificates.models import Authority, Certificate
from cloudlicenses.kit import clock
from keys.models import ApiKey

STILL_TRUSTED = Q(revoked_at=None, authority__removed_at=None)


@dataclass(frozen=True, slots=True)
class Ending:
    """A sort of thing that ends: which of them are needed, in which field it says when, and what an alert says of one."""

    kind: str
    subject_kind: str
    end: str
    needed: Callable[[datetime], QuerySet[Any]]
    name: Callable[[Any], str]
    facts: Callable[[Any], dict[str, str]]


def judge(scene: Scene) -> Iterator[Finding]:
    for ending in ENDINGS:
        for row in ending.needed(scene.now).filter(**{f"{ending.end}__lte": _horizon(ending, scene)}):
            expires = clock.rfc3339(getattr(row, ending.end))
            facts = {"expires_at": expires, **ending.facts(row)}
            subject = (ending.subject_kind, row.id)
            yield Finding(ending.kind, subject, ending.name(row), scene.now, 1, facts, cause=expires)


def changes(scene: Scene) -> Iterator[datetime]:
    """When the next of each sort comes so near to its end that it will be told, and when the next that was told ends."""
    for ending in ENDINGS:
        horizon, end = _horizon(ending, scene), ending.end
        found = ending.needed(scene.now).aggregate(
            later=Min(end, filter=Q(**{f"{end}__gt": horizon})), soon=Min(end, filter=Q(**{f"{end}__lte": horizon}))
        )
        if found["later"]:
            yield found["later"] - (horizon - scene.now)
        if found["soon"]:
            yield found["soon"]


def _horizon(ending: Ending, scene: Scene) -> datetime:
    return scene.now + timedelta(days=scene.limit(ending.kind, "days"))


def _keys(now: datetime) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(revoked_at=None, replaced_by="", expires_at__gt=now)


def _certificates(now: datetime) -> QuerySet[Certificate]:
    """Those that a key asks for, by their names or as any, with no other that does the same for longer."""
    fits_name = Q(client_cert_cn="") | Q(client_cert_cn__iexact=OuterRef("common_name"))
    fits_names = Q(client_cert_names=[]) | Q(client_cert_names__overlap=OuterRef("names"))
    successor = Certificate.objects.filter(
        STILL_TRUSTED, common_name__iexact=OuterRef("common_name"), names__contains=OuterRef("names"),
        not_after__gt=OuterRef("not_after"),
    )  # fmt: skip
    asking = _asking(now).filter(fits_name, fits_names)
    return Certificate.objects.filter(STILL_TRUSTED, Exists(asking), ~Exists(successor), not_after__gt=now)


def _authorities(now: datetime) -> QuerySet[Authority]:
    """Of ours the one that issues: what a former one has issued ends before it does, and is told by itself."""
    successor = Authority.objects.filter(
        removed_at=None, subject=OuterRef("subject"), not_after__gt=OuterRef("not_after")
    )
    trusted = Authority.objects.filter(removed_at=None, retired_at=None, not_after__gt=now)
    return trusted.filter(Exists(_asking(now)), ~Exists(successor))


def _asking(now: datetime) -> QuerySet[ApiKey]:
    """Keys in force that ask for a client certificate."""
    asks = Q(require_mtls=True) | ~Q(client_cert_cn="") | ~Q(client_cert_names=[])
    return ApiKey.objects.filter(asks, Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


def _name_of_certificate(certificate: Certificate) -> str:
    return certificate.common_name or next(iter(certificate.names), certificate.id)


def _serial(row: Certificate | Authority) -> dict[str, str]:
    return {"serial_number": row.serial}


ENDINGS = (
    Ending("key_expiring", "key", "expires_at", _keys, lambda key: str(key.app_name), lambda _: {}),
    Ending("certificate_expiring", "certificate", "not_after", _certificates, _name_of_certificate, _serial),
    Ending("authority_expiring", "authority", "not_after", _authorities, lambda found: str(found.subject), _serial),
)
