"""Was a key tried where, or as, it may not be? Some refusals are told at once, each sort by its own kind of alert."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.judging.scene import LEAKED, REFUSED, Finding, Scene, told

TOLD_AT_ONCE = {
    "ip_not_allowed": "unknown_address",
    "hostname_not_allowed": "unknown_hostname",
    "fingerprint_blocked": "unknown_fingerprint",
    "client_certificate_required": "certificate_refused",
    "client_certificate_rejected": "certificate_refused",
    "signature_invalid": "signature_refused",
    "device_required": "signature_refused",
    "device_not_allowed": "signature_refused",
    "device_revoked": "signature_refused",
    "wrong_tenant": "cross_tenant",
    "rate_limited": "unusual_rate",
}
BY_EVENT = {"fingerprint.unknown": "unknown_fingerprint", LEAKED: "leaked_key"}


def judge(scene: Scene) -> Iterator[Finding]:
    for occurrence in scene.of(REFUSED, *BY_EVENT):
        kind = BY_EVENT.get(occurrence.event) or TOLD_AT_ONCE.get(occurrence.code)
        if kind:
            subject, name = scene.subject_of(occurrence)
            yield Finding(kind, subject, name, occurrence.last_at, occurrence.count, told(occurrence))
