"""Entries of the audit log as events, for those who may see them: what is told, in which words, as bytes on the wire.

A `Sight` says what a listener may see. Costs are for those who may see costs, alerts for those who may read the audit log. A page
follows in brief: of each look one event a kind and license, with how many there were and without a word of who; so a thousand open
pages cost little when a thousand seats change hands in a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from cloudlicenses.kit import jsonmoney
from cloudlicenses.kit.clock import rfc3339
from licensing.streams.reading import Entry

ALERT_CHANGES = ("raised", "repeated", "acknowledged", "resolved")
LICENSE_CHANGES = ("provisioned", "amended", "suspended", "resumed", "revoked", "capped")
KINDS: Mapping[str, str] = {
    "license.checked_out": "checkout",
    "license.returned": "return",
    "license.taken_back": "return",
    "lease.expired": "expire",
    "license.denied": "denial",
    **{f"alert.{change}": "alert" for change in ALERT_CHANGES},
    **{f"license.{change}": "license" for change in LICENSE_CHANGES},
}
Json = dict[str, Any]
Told = Sequence[tuple[Entry, str]]  # an entry, and the position when it has been told


class Sight(NamedTuple):
    """`sees`: of a tenant's `costs` and `alerts`, those that the listener may see; of a vendor's, kinds of things."""

    sees: frozenset[str]
    brief: bool


def frames(told: Told, sight: Sight) -> bytes:
    """What goes out to a listener of this sight; empty if none of it is for them."""
    visible = [(entry, at) for entry, at in told if _is_for(entry, sight)]
    return (
        _in_brief(visible) if sight.brief else b"".join(frame(KINDS[e.event], _data(e, sight), at) for e, at in visible)
    )


def notice(position: str, *, retry_ms: int | None = None) -> bytes:
    """A comment that keeps the connection open and moves `Last-Event-ID` on, without an event."""
    retry = f"retry: {retry_ms}\n" if retry_ms else ""
    return f"{retry}id: {position}\n: \n\n".encode()


def reset(position: str) -> bytes:
    """Too much was missed to tell it all: read everything again."""
    return frame("reset", {"reason": "too_much_missed"}, position)


def _is_for(entry: Entry, sight: Sight) -> bool:
    kind = KINDS.get(entry.event)
    return kind is not None and (kind != "alert" or "alerts" in sight.sees)


def _data(entry: Entry, sight: Sight) -> Json:
    kind = KINDS[entry.event]
    data: Json = {"id": f"evt-{entry.id}", "at": rfc3339(entry.at), **DETAILS[kind](entry)}
    if kind == "checkout" and "costs" in sight.sees:
        data |= {"cost": Decimal(entry.facts["cost"]), "currency": entry.facts["currency"]}
    return data


def _of_checkout(entry: Entry) -> Json:
    names = ("license_id", "product_id", "user", "lease_type")
    return {"lease_id": entry.subject_id, "hostname": entry.hostname} | {name: entry.facts[name] for name in names}


def _of_return(entry: Entry) -> Json:
    names = ("license_id", "user", "lease_type")
    how = entry.event.removeprefix("license.")
    return {"lease_id": entry.subject_id, "how": how} | {name: entry.facts[name] for name in names}


def _of_expiry(entry: Entry) -> Json:
    names = ("license_id", "lease_type")
    return {"lease_id": entry.subject_id, "hostname": entry.hostname} | {name: entry.facts[name] for name in names}


def _of_denial(entry: Entry) -> Json:
    return {
        "product_id": entry.subject_id, "license_id": entry.facts["license_id"], "code": entry.code,
        "user": entry.facts["user"], "hostname": entry.hostname,
    }  # fmt: skip


def _of_alert(entry: Entry) -> Json:
    names = ("kind", "severity", "status", "count", "subject_kind", "subject_id", "subject_name")
    told = {name: entry.facts[name] for name in names}
    return {"alert_id": entry.subject_id, "change": entry.event.removeprefix("alert."), **told}


def _of_license(entry: Entry) -> Json:
    return {"license_id": entry.subject_id, "change": entry.event.removeprefix("license.")}


DETAILS = {
    "checkout": _of_checkout,
    "return": _of_return,
    "expire": _of_expiry,
    "denial": _of_denial,
    "alert": _of_alert,
    "license": _of_license,
}


def _in_brief(visible: Told) -> bytes:
    """Only the last frame moves the position: whoever is cut off between two of them hears both again."""
    counts: dict[tuple[str, str], int] = {}
    for entry, _ in visible:
        group = KINDS[entry.event], _license_of(entry)
        counts[group] = counts.get(group, 0) + 1
    parts = [frame(kind, {"license_id": license_id, "count": n}, "") for (kind, license_id), n in counts.items()]
    if visible:
        parts[-1] = f"id: {visible[-1][1]}\n".encode() + parts[-1]
    return b"".join(parts)


def _license_of(entry: Entry) -> str:
    return entry.subject_id if KINDS[entry.event] == "license" else str(entry.facts.get("license_id", ""))


def frame(kind: str, data: Json, position: str) -> bytes:
    """One event on the wire. JSON has no line breaks of its own, so one `data` line holds it."""
    id_line = f"id: {position}\n".encode() if position else b""
    return id_line + f"event: {kind}\ndata: ".encode() + jsonmoney.dumps(data) + b"\n\n"
