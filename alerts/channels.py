"""Where a tenant's alerts go: added, changed, tried, removed. In the tenant's scope.

A channel's target is sealed JSON, since it lets whoever has it post there:
email `{"to": [addresses], "roles": [roles]}` · webhook `{"url", "secret", "former_secret"}` · slack `{"path"}` · pagerduty
`{"routing_key"}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from accounts.queries import active_addresses
from accounts.roles import TENANT, may
from alerts import watching
from alerts.kinds import KINDS, SEVERITIES
from alerts.models import Channel
from alerts.refusals import TooManyChannels
from audit import events
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import SYSTEM, Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound, Said, gettext_noop
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web.outgoing.addresses import checked_url
from cloudlicenses.web.outgoing.signing import former_until, new_secret, still_until
from tenants import context

MOST_CHANNELS = 20
MOST_RECEIVERS = 20
SLACK_PATH = re.compile(r"/(services|workflows|triggers)/[A-Za-z0-9/_-]{8,200}")
ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
READERS = tuple(role for role in TENANT if may(role, "alerts:read"))
PLAIN = ("name", "is_active", "least_severity", "kinds", "language")
Kind = Channel.Kind


def all_channels() -> QuerySet[Channel]:
    return Channel.objects.order_by("created_at", "id")


def channel_for(channel_id: str, *, for_update: bool = False) -> Channel:
    """Raises `NotFound`."""
    rows = Channel.objects.select_for_update() if for_update else Channel.objects.all()
    found = rows.filter(id=channel_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def add(kind: str, target: Mapping[str, Any], *, actor: Actor, **wishes: Any) -> tuple[Channel, str]:
    """The channel and, of a webhook, its signing secret in clear, this once.

    Raises `InvalidInput`, `UnfitUrl`, `TooManyChannels`.
    """
    if Channel.objects.count() >= MOST_CHANNELS:  # two at once may pass it by one; nothing depends on it
        raise TooManyChannels
    secret = new_secret() if kind == Kind.WEBHOOK else ""
    channel = Channel(id=ids.new_id("chan"), kind=kind, created_at=clock.now())
    _take(channel, wishes)
    _aim(channel, _checked(kind, target) | ({"secret": secret} if secret else {}))
    channel.save(force_insert=True)
    _record("alert_channel.added", channel, actor, kind=kind, name=channel.name)
    return channel, secret


@transaction.atomic
def change(channel_id: str, changes: Mapping[str, Any], *, actor: Actor) -> Channel:
    """Only what `changes` names: name, is_active, least_severity, kinds, language, target; resumed, what waits goes out. Raises
    as `add` does, and `NotFound`."""
    if changes.get("is_active"):
        watching.send_soon(context.current().tenant_id)
    channel = channel_for(channel_id, for_update=True)
    _take(channel, {name: value for name, value in changes.items() if name in PLAIN})
    if target := changes.get("target"):
        _aim(channel, target_of(channel) | _checked(channel.kind, target))
    channel.save()
    _record("alert_channel.changed", channel, actor, changed=sorted(changes))
    return channel


@transaction.atomic
def rotate_secret(channel_id: str, *, actor: Actor) -> tuple[Channel, str]:
    """A webhook's new signing secret, in clear; for a day messages carry a signature by the former one too. Raises `NotFound`,
    also for what has none."""
    channel = channel_for(channel_id, for_update=True)
    if channel.kind != Kind.WEBHOOK:
        raise NotFound
    secret = new_secret()
    target = target_of(channel)
    _aim(channel, target | {"secret": secret, "former_secret": target["secret"]})
    channel.former_secret_until = former_until()
    channel.save()
    _record("alert_channel.secret_rotated", channel, actor)
    return channel, secret


@transaction.atomic
def remove(channel_id: str, *, actor: Actor) -> None:
    """With what waits for it and the log of what it was sent. Raises `NotFound`."""
    channel = channel_for(channel_id, for_update=True)
    _record("alert_channel.removed", channel, actor, kind=channel.kind, name=channel.name)
    channel.delete()


@transaction.atomic
def forget_receiver(names: Collection[str]) -> int:
    """These addresses, in lower case, are written to no more; how many channels had one. One that is left with nobody rests."""
    forgotten = 0
    for channel in Channel.objects.select_for_update().filter(kind=Kind.EMAIL).order_by("id"):
        target = target_of(channel)
        to = [address for address in target.get("to", ()) if address.lower() not in names]
        if len(to) < len(target.get("to", ())):
            _aim(channel, target | {"to": to})
            channel.is_active = channel.is_active and bool(to or target.get("roles"))
            channel.save(update_fields=["hint", "sealed_target", "is_active"])
            forgotten += 1
    return forgotten


def ensure_mail_to_administrators() -> None:
    """What every tenant begins with: a mail to whoever may do something about an alert."""
    if not Channel.objects.exists():
        add(Kind.EMAIL, {"roles": list(READERS)}, actor=SYSTEM, name="E-mail to administrators")


def target_of(channel: Channel) -> dict[str, Any]:
    target: dict[str, Any] = json.loads(unseal(channel, "sealed_target"))
    return target


def secrets_of(channel: Channel, target: Mapping[str, Any]) -> list[str]:
    """What signs a webhook's messages now: the secret, and the former one for a day."""
    return [target["secret"], *([target["former_secret"]] if still_until(channel.former_secret_until) else [])]


def readers(channel: Channel) -> list[str]:
    """Of a mail, each address once; of everything else, one reader without a name."""
    if channel.kind != Kind.EMAIL:
        return [""]
    target = target_of(channel)
    return list(dict.fromkeys([*active_addresses(*target.get("roles", ())), *target.get("to", ())]))


def _take(channel: Channel, wishes: Mapping[str, Any]) -> None:
    for name, value in wishes.items():
        setattr(channel, name, value)
    errors = [
        FieldError("kinds", "invalid_choice", Said(gettext_noop("There are no alerts of “%(kind)s”."), kind=kind))
        for kind in channel.kinds
        if kind not in KINDS
    ]
    if channel.least_severity not in SEVERITIES:
        one_of = Said(gettext_noop("Must be one of %(choices)s."), choices=", ".join(SEVERITIES))
        errors.append(FieldError("least_severity", "invalid_choice", one_of))
    if not channel.name.strip():
        errors.append(FieldError("name", "required", gettext_noop("A name is needed.")))
    if errors:
        raise InvalidInput(errors=errors)


def _aim(channel: Channel, target: Mapping[str, Any]) -> None:
    channel.hint = _hint(channel.kind, target)
    channel.sealed_target = seal(channel, "sealed_target", json.dumps(target).encode())


def _checked(kind: str, target: Mapping[str, Any]) -> dict[str, Any]:
    """As it will be used. Raises `InvalidInput`, `UnfitUrl`."""
    check = {Kind.EMAIL: _mail, Kind.WEBHOOK: _webhook, Kind.SLACK: _slack, Kind.PAGERDUTY: _pagerduty}
    return check[Kind(kind)](target)


def _mail(target: Mapping[str, Any]) -> dict[str, Any]:
    to, roles = _texts(target.get("to")), _texts(target.get("roles"))
    if not to and not roles:
        raise _wrong("target.to", "required", gettext_noop("Name at least one address or one role."))
    if len(to) > MOST_RECEIVERS:
        raise _wrong("target.to", "too_many", Said(gettext_noop("At most %(most)s addresses."), most=MOST_RECEIVERS))
    for address in to:
        try:
            validate_email(address)
        except ValidationError:
            raise _wrong(
                "target.to", "invalid", Said(gettext_noop("Not an e-mail address: %(address)s"), address=address[:60])
            ) from None
    if strange := [role for role in roles if role not in READERS]:
        raise _wrong("target.roles", "invalid_choice", f"People of this role see no alerts: {strange[0][:60]}")
    return {"to": to, "roles": roles}


def _webhook(target: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": checked_url(str(target.get("url", "")))}


def _slack(target: Mapping[str, Any]) -> dict[str, Any]:
    """Slack's own addresses alone; where they lead is settings' choice."""
    url = str(target.get("url", ""))
    base, parts = urlsplit(settings.SLACK_BASE_URL), urlsplit(url)
    if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or not SLACK_PATH.fullmatch(parts.path):
        raise _wrong(
            "target.url",
            "invalid",
            Said(
                gettext_noop("Paste the whole address of an incoming webhook: %(base)s/services/…"),
                base=settings.SLACK_BASE_URL,
            ),
        )
    return {"path": parts.path}


def _pagerduty(target: Mapping[str, Any]) -> dict[str, Any]:
    key = str(target.get("routing_key", "")).strip()
    if not ROUTING_KEY.fullmatch(key):
        raise _wrong(
            "target.routing_key",
            "invalid",
            gettext_noop("An integration key of Events API v2 has 32 letters and digits."),
        )
    return {"routing_key": key}


def _hint(kind: str, target: Mapping[str, Any]) -> str:
    """Enough to know it again, too little to use it."""
    if kind == Kind.EMAIL:
        return ", ".join([*target["to"], *target["roles"]])[:254]
    if kind == Kind.WEBHOOK:
        return str(urlsplit(target["url"]).netloc)[:254]
    return f"…{(target.get('path') or target['routing_key'])[-4:]}"


def _texts(value: object) -> list[str]:
    return (
        [str(text).strip() for text in value if str(text).strip()]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else []
    )


def _wrong(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError(field, code, message)])


def _record(event: str, channel: Channel, actor: Actor, **facts: Any) -> None:
    events.record(event, actor=actor, subject=("alert_channel", channel.id), announce=False, **facts)
