"""Was something put into the log afterwards? The sealer says so, of entries that did not come when they say (audit/sealing.py)."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.judging.scene import Finding, Scene


def judge(scene: Scene) -> Iterator[Finding]:
    for occurrence in scene.of("log.misdated"):
        named = [str(name) for name in occurrence.facts.get("entries", ())]
        number = int(occurrence.facts.get("number", 1))
        facts = {"number": number, "entry": named[0] if named else "", "entries": named}
        yield Finding(
            "log_bent", ("log", occurrence.subject_id), occurrence.subject_id, occurrence.last_at, number, facts
        )
